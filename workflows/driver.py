"""Drives the machine: hands events in, in the order of their time, and carries commands out.

Knows Temporal and nothing of what a flow decides. A timer counts as its due time, whenever it is seen; an answer and a
message as the time they tell, which is never later than the workflow task that brings them. What a flow does after an
event does not depend on what else came with it (docs/decisions/0013), nor does what it publishes after it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow

from . import activity_calls
from .engine_limits import MOST_AT_ONCE, SHORTEST_TIMER, ContinuedError, drop_signal, is_long
from .inbox import Inbox
from .publisher import Publisher
from .replies import Replies
from .results import ended
from .timers import Timers

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, EnrollmentResult

    from .machine import State, cancelled_before, decide, summary_of, view_of, wake_at
    from .machine.answers import AnyEvent
    from .machine.commands import Call, Command, Reply, ReplyAnswer, Warn
    from .machine.events import Asked, Cancelled, Message, Woken
    from .machine.unchanged import answer_without_change


class Driver:
    """Runs one flow from its first state."""

    def __init__(self, state: State, carried: Callable[[State], Any]) -> None:
        """``carried``: makes of a state what the next run is started with."""
        self.state = state
        self._carried = carried
        self._inbox = Inbox()
        self._call: Call | None = None
        self._replies = Replies()
        self._publisher = Publisher(None if workflow.info().continued_run_id else view_of(state))
        self._timers = Timers()
        self._cancelled = False
        workflow.set_dynamic_signal_handler(drop_signal)

    def time_of(self, told: datetime | None) -> datetime:
        """When something happened: as told, but not later than now, which history holds, too."""
        now = workflow.now()
        return min(told, now) if told else now

    def tell(self, event: Message) -> None:
        """Take a message for which nobody waits."""
        self._inbox.put(event)

    async def ask(self, event: Message) -> Any:
        """Take a message and wait for the answer to it."""
        answer = self._replies.expect(str(event.request))
        self._inbox.put(event)
        return await answer

    def answer_without_change(self, event: Message) -> ReplyAnswer | None:
        """The answer to a message that would change nothing. None when it might, or when that is not known yet."""
        return None if self._call or self._inbox else answer_without_change(self.state, event)

    async def run(self) -> EnrollmentResult | ChallengeResult:
        """Go on until the flow is over. Raises ``asyncio.CancelledError`` when the engine cancelled it."""
        await self._begin()
        while not self.state.finished:
            await self._step()
        await self._leave()
        return ended(self.state)

    async def _begin(self) -> None:
        """A flow that was cancelled before a worker saw it sends nothing. No look comes before the first task."""
        await self._until(asyncio.sleep(0))  # signals of the same workflow task are handed over
        if not workflow.info().continued_run_id:
            for event in self._inbox.cancels:
                self.state = cancelled_before(self.state, event)
        await self._feed([Woken(at=self.state.at)])

    async def _step(self) -> None:
        if self._call:
            await self._make_call(self._call)
        elif self._inbox:
            if self._inbox.crowded:
                await self._pause()
            await self._feed(self._inbox.take())
        elif self._timers.fired and self._timers.next:
            await self._feed([Woken(at=self._timers.next)])
        elif is_long(workflow.info()):
            await self._continue_as_new()
        else:
            await self._wait()

    async def _wait(self) -> None:
        """Until there is a message, or something is due, or unknown signals have made the history long."""
        await self._until(
            workflow.wait_condition(lambda: bool(self._inbox) or self._timers.fired or is_long(workflow.info()))
        )

    async def _pause(self) -> None:
        """End this workflow task and go on in the next. A cancel leaves the timer alone, as it does all others."""
        pause = asyncio.create_task(workflow.sleep(SHORTEST_TIMER, summary="goes on in the next workflow task"))
        await self._until(asyncio.shield(pause))

    async def _until(self, happens: Awaitable[None]) -> None:
        """Wait. Being cancelled meanwhile is a message like others."""
        try:
            await happens
        except asyncio.CancelledError:
            self._take_cancellation()

    async def _make_call(self, call: Call) -> None:
        answer = await activity_calls.answer_to(call, self.state.at, self.time_of, self._take_cancellation)
        self._call = None
        before, after = self._inbox.around(answer)
        await self._feed([*before, answer])
        self._inbox.put_back(after, crowded=len(before) + len(after) > MOST_AT_ONCE)

    def _take_cancellation(self) -> None:
        """Take the engine's cancel as a message. To be called while handling ``asyncio.CancelledError``.

        Raises it again when it means something else: the worker puts the flow out of its memory.
        """
        if not self._cancel_asked:
            raise
        self._cancelled = True
        self._inbox.put(Cancelled(at=self.time_of(None), by_engine=True))

    @property
    def _cancel_asked(self) -> bool:
        """Whether the engine's cancel was not taken yet."""
        return workflow.cancellation_reason() is not None and not self._cancelled

    async def _feed(self, events: Iterable[AnyEvent]) -> None:
        """Decide on events in the order of their time, and before each on what was due by then.

        Those after one that begins a call wait for its answer.
        """
        left, decided = deque(sorted(events, key=lambda event: event.at)), 0
        while left and decided < MOST_AT_ONCE and self._call is None:
            due_at = self._timers.next
            await self._decide(Woken(at=due_at) if due_at and due_at <= left[0].at else left.popleft())
            decided += 1
        self._inbox.put_back(left, crowded=bool(left))

    async def _decide(self, event: AnyEvent) -> None:
        """Decide on one event, and come to rest."""
        self.state, commands = decide(self.state, event)
        for command in commands:
            self._carry_out(command)
        self._publisher.publish(self.state)
        self._timers.pass_to(self.state.at)
        if due_at := wake_at(self.state):
            self._timers.wake_at(due_at, summary_of(self.state))
        await self._until(asyncio.sleep(0))  # whoever was answered goes on before the next event

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Call):
            self._call = command
        elif isinstance(command, Reply):
            self._replies.give(command.request, command.answer)
        elif isinstance(command, Warn):
            workflow.logger.warning(command.event)

    async def _continue_as_new(self) -> None:
        """Begin a new run with the same state. Whoever waits for a verdict is told to ask there.

        After a pause, as the SDK hands over signals before a cancel of the same workflow task, which would be lost.
        """
        await self._pause()
        await self._feed(self._inbox.take())
        if self._inbox or self._call or self._cancel_asked or self.state.finished:
            return
        self._replies.fail(ContinuedError())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._carried(self.state.without_callers()), memo=workflow.memo())

    async def _leave(self) -> None:
        """Answer everybody before the end."""
        while self._inbox or not workflow.all_handlers_finished():
            await self._feed(event for event in self._inbox.take() if isinstance(event, Asked) and event.request)
            await workflow.wait_condition(lambda: bool(self._inbox) or workflow.all_handlers_finished())
