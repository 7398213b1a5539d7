"""Drives the machine: hands events in, in the order of their time, and carries commands out.

Knows Temporal and nothing of what a flow decides. A timer counts as its due time, whenever it is seen; an answer and a
message as the time they tell, which is never later than the workflow task that brings them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError

from . import activity_calls
from .publisher import Publisher

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, EnrollmentResult, FlowView, Outcome

    from .machine import State, decide, result_of, view_of, waiting_for, wake_at
    from .machine.answers import AnyEvent
    from .machine.commands import Call, Command, Publish, Reply, ReplyAnswer, Warn
    from .machine.events import Asked, Cancelled, Event, Woken

SHORTEST_TIMER: Final = timedelta(milliseconds=1)
"""A timer is started even for what is overdue, so that no command hangs on the time at which a worker is there."""

LONG_HISTORY: Final = 2_000
"""Events after which a run continues as new. Temporal ends one at 51,200, and takes no update after 2,000 of them."""

MOST_AT_ONCE: Final = 250
"""Events decided on in one workflow task: at most a quarter of a second. Up to 10,000 signals may have come while no
worker was there, and the SDK fails a task that computes for two seconds, however often it is tried. Temporal fires a
timer up to a second late, so that 10,000 take some 40 s.
"""


class ContinuedError(ApplicationError):
    """The flow goes on in a new run: to be asked there once more."""

    def __init__(self) -> None:
        super().__init__("The flow goes on in a new run. Ask again.", type="ContinuedAsNew", non_retryable=True)


class Driver:
    """Runs one flow from its first state."""

    def __init__(self, state: State, carried: Callable[[State], Any]) -> None:
        """``carried``: makes of a state what the next run is started with."""
        self.state = state
        self._carried = carried
        self._inbox: list[Event] = []
        self._crowded = False
        self._call: Call | None = None
        self._replies: dict[str, asyncio.Future[ReplyAnswer]] = {}
        self._publisher = Publisher()
        self._cancelled = False
        workflow.set_dynamic_signal_handler(_drop)

    @property
    def view(self) -> FlowView:
        """How the flow stands."""
        return view_of(self.state)

    def time_of(self, told: datetime | None) -> datetime:
        """When something happened: as told, but not later than now, which history holds, too."""
        now = workflow.now()
        return min(told, now) if told else now

    def tell(self, event: Asked) -> None:
        """Take a message for which nobody waits."""
        self._put(event)

    async def ask(self, event: Asked) -> Any:
        """Take a message and wait for the answer to it."""
        request = str(event.request)
        self._replies[request] = asyncio.get_running_loop().create_future()
        self._put(event)
        return await self._replies[request]

    def answer_without_change(self, event: Asked) -> ReplyAnswer | None:
        """The answer to a message that would change nothing. None when it might, or when that is not known yet."""
        if self._call or self._inbox:
            return None
        untouched, _ = decide(self.state, Woken(at=event.at))
        touched, commands = decide(self.state, cast(AnyEvent, event))
        answers = [each.answer for each in commands if isinstance(each, Reply) and each.request == event.request]
        return answers[0] if touched == untouched and answers else None

    async def run(self) -> EnrollmentResult | ChallengeResult:
        """Go on until the flow is over. Raises ``asyncio.CancelledError`` when the engine cancelled it."""
        self._feed([Woken(at=self.state.at)])
        self._publisher.publish(self.state)
        while not self.state.finished:
            await self._step()
        await self._leave()
        if self.state.failure:
            failure = self.state.failure
            raise ApplicationError(failure.sentence, type=failure.type, non_retryable=True)
        if self.state.cancelled_by_engine and self.state.outcome is Outcome.CANCELLED:
            raise asyncio.CancelledError
        return result_of(self.state)

    async def _step(self) -> None:
        if self._call:
            await self._make_call(self._call)
        elif self._inbox:
            if self._crowded:
                await self._pause()
            self._feed(self._taken())
        elif is_long(workflow.info()):
            await self._continue_as_new()
        else:
            await self._wait()

    async def _wait(self) -> None:
        """Until there is a message, or something is due, or what nobody understands has made the history long."""
        due_at = wake_at(self.state) or self.state.deadline
        waits = waiting_for(self.state)
        summary = f"{waits.phase}: {waits.reason}" if waits else None
        try:
            await workflow.wait_condition(
                lambda: bool(self._inbox) or is_long(workflow.info()),
                timeout=max(SHORTEST_TIMER, due_at - workflow.now()),
                timeout_summary=summary,
            )
        except TimeoutError:
            self._feed([Woken(at=due_at)])
        except asyncio.CancelledError:
            self._take_cancellation()

    async def _pause(self) -> None:
        """End this workflow task and go on in the next."""
        try:
            await workflow.sleep(SHORTEST_TIMER, summary="goes on in the next workflow task")
        except asyncio.CancelledError:
            self._take_cancellation()

    async def _make_call(self, call: Call) -> None:
        """Have a call answered, even when the flow is cancelled meanwhile: what was done must be known."""
        handle = activity_calls.start(call)
        while True:
            try:
                answer = await asyncio.shield(handle)
                event = activity_calls.answered(call, answer, self.time_of(answer.answered_at))
                break
            except asyncio.CancelledError:
                self._take_cancellation()
            except ActivityError as error:
                event = activity_calls.failed(call, error, self.state.at)
                break
        self._call = None
        self._feed([*self._taken(), event])

    def _take_cancellation(self) -> None:
        """Take the engine's cancel as a message. To be called while handling ``asyncio.CancelledError``.

        Raises it again when it means something else: the worker puts the flow out of its memory.
        """
        if not self._cancel_asked:
            raise
        self._cancelled = True
        self._put(Cancelled(at=self.time_of(None), by_engine=True))

    @property
    def _cancel_asked(self) -> bool:
        """Whether the engine's cancel was not taken yet."""
        return workflow.cancellation_reason() is not None and not self._cancelled

    def _put(self, event: Event) -> None:
        self._inbox.append(event)
        self._crowded = self._crowded or len(self._inbox) > MOST_AT_ONCE

    def _taken(self) -> list[Event]:
        taken, self._inbox = self._inbox, []
        return taken

    def _feed(self, events: Iterable[Any]) -> None:
        """Decide on events in the order of their time. Those after one that begins a call wait for its answer."""
        left = deque(sorted(events, key=lambda event: event.at))
        for _ in range(min(len(left), MOST_AT_ONCE)):
            self.state, commands = decide(self.state, left.popleft())
            for command in commands:
                self._carry_out(command)
            if self._call:
                break
        self._inbox = [*left, *self._inbox]
        self._crowded = bool(left) and self._call is None

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Call):
            self._call = command
        elif isinstance(command, Reply):
            waiting = self._replies.pop(command.request, None)
            if waiting:
                waiting.set_result(command.answer)
        elif isinstance(command, Publish):
            self._publisher.publish(self.state)
        elif isinstance(command, Warn):
            workflow.logger.warning(command.event)

    async def _continue_as_new(self) -> None:
        """Begin a new run with the same state. Who waits for a verdict is told to ask there.

        After a pause, as the SDK hands over signals before a cancel of the same workflow task, which would be lost.
        """
        await self._pause()
        if self._inbox or self._cancel_asked:
            return
        for request in tuple(self._replies):
            self._replies.pop(request).set_exception(ContinuedError())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._carried(self.state.without_callers()), memo=workflow.memo())

    async def _leave(self) -> None:
        """Answer everybody before the end."""
        while self._inbox or not workflow.all_handlers_finished():
            self._feed(event for event in self._taken() if isinstance(event, Asked) and event.request)
            await workflow.wait_condition(lambda: bool(self._inbox) or workflow.all_handlers_finished())


def _drop(name: str, arguments: Sequence[RawValue]) -> None:
    """Take a signal that no flow understands. The SDK would keep it, and wake nobody, however many there are."""
    workflow.logger.warning("signal.dropped", extra={"reason": "unknown"})


def is_long(info: workflow.Info) -> bool:
    """Whether the run nears a limit of the engine."""
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONG_HISTORY
