"""Drives the state machine: passes events to it in time order and executes its commands.

Knows Temporal, but not the rules of a flow. A timer counts at its due time, whenever it is noticed. An answer or a
message counts at the time it carries, which is never later than the workflow task that delivers it. Neither what a flow
does after an event nor what it publishes depends on what else was delivered with that event (docs/decisions/0013).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from . import activity_calls
from .engine_limits import MOST_AT_ONCE, SHORTEST_TIMER, ContinuedError, drop_signal, is_long
from .inbox import Inbox
from .publisher import Publisher
from .replies import Replies
from .timers import Timers

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, EnrollmentResult, Outcome

    from .machine import State, answer_without_change, cancelled_before, decide, result_of, summary_of, view_of, wake_at
    from .machine.answers import AnyEvent
    from .machine.commands import Call, Command, Reply, ReplyAnswer, Warn
    from .machine.events import Asked, Cancelled, MalformedCode, Message, Woken


class Driver:
    """Runs one flow from its initial state."""

    def __init__(self, state: State, next_input: Callable[[State], Any]) -> None:
        """``next_input``: builds the input of the next run from a state."""
        self.state = state
        self._next_input = next_input
        self._inbox = Inbox()
        self._call: Call | None = None
        self._replies = Replies()
        self._publisher = Publisher(None if workflow.info().continued_run_id else view_of(state))
        self._timers = Timers()
        self._cancelled = False
        workflow.set_dynamic_signal_handler(drop_signal)

    def time_of(self, given: datetime | None) -> datetime:
        """Return ``given``, capped at the current time of the workflow, or that time if ``given`` is None.

        Both are in history.
        """
        now = workflow.now()
        return min(given, now) if given else now

    def tell(self, event: Message | MalformedCode) -> None:
        """Accept a message whose sender does not wait for an answer."""
        self._inbox.put(event)

    async def ask(self, event: Message) -> Any:
        """Accept a message and wait for its answer."""
        answer = self._replies.expect(str(event.request))
        self._inbox.put(event)
        return await answer

    def answer_without_change(self, event: Message) -> ReplyAnswer | None:
        """Return the answer to a message that would change nothing; None if it might, or if that is not known yet."""
        return None if self._call or self._inbox else answer_without_change(self.state, event)

    async def run(self) -> EnrollmentResult | ChallengeResult:
        """Run until the flow is over. Raises ``asyncio.CancelledError`` if Temporal cancelled it."""
        await self._begin()
        while not self.state.finished:
            await self._step()
        await self._leave()
        return result_or_error(self.state)

    async def _begin(self) -> None:
        """Start the flow. A flow cancelled before a worker picked it up sends nothing.

        No query precedes the first workflow task.
        """
        await self._until(asyncio.sleep(0))  # lets signals of the same workflow task arrive
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
        """Wait for a message, a due time, or a history made long by unknown signals."""
        await self._until(
            workflow.wait_condition(lambda: bool(self._inbox) or self._timers.fired or is_long(workflow.info()))
        )

    async def _pause(self) -> None:
        """End this workflow task and continue in the next. Like every timer, this one survives a cancel."""
        pause = asyncio.create_task(workflow.sleep(SHORTEST_TIMER, summary="continues in the next workflow task"))
        await self._until(asyncio.shield(pause))

    async def _until(self, happens: Awaitable[None]) -> None:
        """Wait. A cancellation meanwhile is handled like any other message."""
        try:
            await happens
        except asyncio.CancelledError:
            self._take_cancellation()

    async def _make_call(self, call: Call) -> None:
        """Make a call and take its answer, even if the flow is cancelled meanwhile: it must know what was done."""
        handle, answer = activity_calls.start(call), None
        while answer is None:
            try:
                reply = await asyncio.shield(handle)
                answer = activity_calls.answer_event(call, reply, self.time_of(reply.answered_at))
            except asyncio.CancelledError:
                self._take_cancellation()
            except ActivityError as error:
                answer = activity_calls.failure_event(call, error, self.state.at)
        self._call = None
        before, after = self._inbox.around(answer)
        await self._feed([*before, answer])
        self._inbox.put_back(after, crowded=len(before) + len(after) > MOST_AT_ONCE)

    def _take_cancellation(self) -> None:
        """Turn Temporal's cancellation into a message. Must be called while handling ``asyncio.CancelledError``.

        Re-raises it if it means something else: the worker is evicting the flow from its cache.
        """
        if not self._cancel_asked:
            raise
        self._cancelled = True
        self._inbox.put(Cancelled(at=self.time_of(None), by_engine=True))

    @property
    def _cancel_asked(self) -> bool:
        """Whether Temporal requested a cancellation that has not been handled yet."""
        return workflow.cancellation_reason() is not None and not self._cancelled

    async def _feed(self, events: Iterable[AnyEvent]) -> None:
        """Process events in time order, and before each event the timers due by then.

        Events after one that starts a call wait for its answer.
        """
        left, decided = deque(sorted(events, key=lambda event: event.at)), 0
        while left and decided < MOST_AT_ONCE and self._call is None:
            due_at = self._timers.next
            await self._decide(Woken(at=due_at) if due_at and due_at <= left[0].at else left.popleft())
            decided += 1
        self._inbox.put_back(left, crowded=bool(left))

    async def _decide(self, event: AnyEvent) -> None:
        """Process one event: decide, execute the commands, publish, and set the next timer."""
        self.state, commands = decide(self.state, event)
        for command in commands:
            self._carry_out(command)
        self._publisher.publish(self.state)
        self._timers.forget_until(self.state.at)
        if due_at := wake_at(self.state):
            self._timers.start(due_at, summary_of(self.state))
        await self._until(asyncio.sleep(0))  # lets answered handlers resume before the next event

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Call):
            self._call = command
        elif isinstance(command, Reply):
            self._replies.give(command.request, command.answer)
        elif isinstance(command, Warn):
            workflow.logger.warning(command.event)

    async def _continue_as_new(self) -> None:
        """Start a new run with the same state. Callers waiting for a verdict are told to ask again.

        Pauses first: the SDK delivers signals before a cancel of the same workflow task, and the cancel would be lost.
        """
        await self._pause()
        await self._feed(self._inbox.take())
        if self._inbox or self._call or self._cancel_asked or self.state.finished:
            return
        self._replies.fail(ContinuedError())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._next_input(self.state.without_callers()), memo=workflow.memo())

    async def _leave(self) -> None:
        """Answer all waiting callers before the end."""
        while self._inbox or not workflow.all_handlers_finished():
            await self._feed(event for event in self._inbox.take() if isinstance(event, Asked) and event.request)
            await workflow.wait_condition(lambda: bool(self._inbox) or workflow.all_handlers_finished())


def refuse_state_of_another(carried: State | None) -> None:
    """Fail a run that brings the state of another flow: somebody copied the input of one of that flow's runs.

    A run that continues another one has the id of the same first run. Raises ``ApplicationError``.
    """
    if carried and carried.run_id != workflow.info().first_execution_run_id:
        raise ApplicationError("The start has the state of another flow.", type="BadInput", non_retryable=True)


def result_or_error(state: State) -> EnrollmentResult | ChallengeResult:
    """Return the result of a finished flow.

    Raises ``ApplicationError`` if it failed, and ``asyncio.CancelledError`` if Temporal cancelled it.
    """
    if state.failure:
        raise ApplicationError(state.failure.sentence, type=state.failure.type, non_retryable=True)
    if state.cancelled_by_engine and state.outcome is Outcome.CANCELLED:
        raise asyncio.CancelledError
    return result_of(state)
