"""Client API for flows: starts them and sends them messages. Used by the command line and all other callers.

Defines flow ids and maps messages and Temporal errors. Independent of Auth0.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from phone_mfa.contracts import (
    ChallengeResult,
    EnrollmentResult,
    FlowView,
    Origin,
    Outcome,
    Phase,
    RecipientKey,
    ResendCode,
    SendReceipt,
    StartChallenge,
    StartEnrollment,
    Trouble,
    names,
)
from phone_mfa.contracts.attributes import FlowAttributes
from phone_mfa.encryption import KeyringSource, RecipientError, opaque, public_of

from .deletion import forget, until_gone
from .error_mapping import engine_errors, why
from .errors import FailedFlowError, LimitReachedError, RefusedMessageError, UnknownFlowError
from .first_message import Start, start_and_send
from .idempotency import Attempt
from .listing import FlowPage, FlowSummary, page_of, summaries
from .messages import ANSWER_TIMEOUT, CHALLENGE, ENROLLMENT, MessageClient, is_of
from .pagination import signed, unsigned
from .replacement import replace_flow
from .start_comparison import OnConflict, attaches, differing
from .start_input import believed_start_of, first_run_of
from .user_names import folded_user
from .worker_health import QUICK
from .workflow_client import WorkflowClient

PRIORITIES: Final = {names.CHALLENGE_WORKFLOW: 2, names.ENROLLMENT_WORKFLOW: 4}
"""Someone logging in waits at a screen; enrollments may come by the thousand. In Temporal, 1 is first and 5 is last."""

MOST_STARTS: Final = 4
"""How often a start is tried that finds another flow of the user each time."""

Result = EnrollmentResult | ChallengeResult

Request = TypeVar("Request", StartEnrollment, StartChallenge)


@dataclass(frozen=True, slots=True)
class Started:
    """A started flow.

    ``attached``: the flow was already running, and nothing new was started. ``run_id``: Temporal's id of the run; a
    user's next flow has the same flow id and another run id. ``receipt``: of the first message, if it was awaited and
    is known. ``replaced``: the user's flow that was running has been ended for this one.
    """

    flow_id: str
    run_id: str
    attached: bool
    receipt: SendReceipt | None = None
    replaced: bool = False


class Flows(MessageClient):
    """The flows of one tenant.

    Args:
        client: From ``phone_mfa.temporal.connect``.
        tenant: Distinguishes the users of different tenants. The gateway and the command use the tenant's base URL.
        keys: The key ring, whose naming key makes ids opaque; the same for all processes that start flows in a
            namespace.
        task_queue: The worker's task queue.
        answer_timeout: How long a message may wait for its answer.
        clock: Source of the time that messages are stamped with.
        fold_users: Whether spellings of a user that differ in case, spaces or Unicode form are one user: see
            ``user_names``. The same for all processes that start flows, since it changes flow ids. Auth0's user ids
            are case-sensitive, so leave it off for users that are named by them.

    Every method raises ``EngineUnreachableError`` if Temporal does not answer; those that address a flow raise
    ``UnknownFlowError``, ``FinishedFlowError`` and ``NoWorkerError``.
    """

    def __init__(
        self,
        client: Client,
        *,
        tenant: str,
        keys: KeyringSource,
        task_queue: str = names.TASK_QUEUE,
        answer_timeout: timedelta = ANSWER_TIMEOUT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        fold_users: bool = False,
    ) -> None:
        engine = WorkflowClient(client, clock)
        super().__init__(engine, keys=keys, answer_timeout=answer_timeout, clock=clock)
        self._tenant = tenant
        self._task_queue = task_queue
        self._spelled: Callable[[str], str] = folded_user if fold_users else str

    def in_run(self, run_id: str) -> Self:
        """Returns a client whose methods address only the flow that started with this run.

        Later runs of that flow, continued or reset, are included. A later flow with the same id is unknown to it.

        This prevents data of another run from being taken for this flow's, whoever put it there.
        """
        pinned = copy(self)
        pinned._engine = self._engine.in_run(run_id)
        return pinned

    async def newest_run(self, flow_id: str) -> str:
        """Returns the first run of the newest flow with this id, for ``in_run``."""
        return first_run_of(await self._engine.described(flow_id))

    async def require_engine(self) -> None:
        """Raise ``EngineUnreachableError`` unless Temporal answers within two seconds; workers do not matter."""
        await self._engine.require_temporal()

    async def is_over(self, flow_id: str) -> bool:
        """Whether the flow has ended, for whatever reason."""
        return (await self._engine.described(flow_id)).status is not WorkflowExecutionStatus.RUNNING

    async def enroll(
        self,
        user: str,
        request: StartEnrollment,
        attempt: Attempt | None = None,
        until_sent: timedelta | None = None,
        on_conflict: OnConflict = OnConflict.REFUSE,
        *,
        caller: str | None = None,
        browser: str | None = None,
    ) -> Started:
        """Start enrolling a user's phone, or attach to the user's enrollment that runs and was started in the same way.

        ``user``: your own id for the user; it never leaves this process. ``attempt``: repeating it finds the flow it
        started, even if that has ended. ``until_sent``: how long to wait until the first message is sent; by default
        there is no wait, and there is none for a flow that is already running. ``on_conflict``: whether to refuse to
        start, or to end the user's running flow, if that was started with other values.

        A running flow never receives the request's ``mfa_token``. It is ended, whatever ``on_conflict`` says, if the
        request brings a login and the flow was started without one or, the same otherwise, with another one; and if
        the flow may have been started by somebody without keys.

        ``caller``, ``browser``: whose budgets the flow uses, by any name of yours; only a keyed hash of it is stored.

        Raises ``ConflictingStartError``, ``ReusedKeyError``, ``RefusedMessageError`` for a recipient key that cannot be
        used, and ``UnreadableFlowError`` if the running flow was started with a key that is not here yet.
        """
        flow_id = self.flow_id(ENROLLMENT, user)
        request = self._of_origin(user, request, caller, browser)
        return await self._start(names.ENROLLMENT_WORKFLOW, flow_id, request, attempt, until_sent, on_conflict)

    async def challenge(
        self,
        user: str,
        request: StartChallenge,
        attempt: Attempt | None = None,
        until_sent: timedelta | None = None,
        on_conflict: OnConflict = OnConflict.REFUSE,
        *,
        caller: str | None = None,
        browser: str | None = None,
    ) -> Started:
        """Start a challenge of a user's phone, or attach to the running one. See ``enroll``."""
        flow_id = self.flow_id(CHALLENGE, user)
        request = self._of_origin(user, request, caller, browser)
        return await self._start(names.CHALLENGE_WORKFLOW, flow_id, request, attempt, until_sent, on_conflict)

    @property
    def _fairness_key(self) -> str:
        return opaque(self._naming_key, "tenant", self._tenant)

    def attempt(self, key: str, asked: str) -> Attempt:
        """Returns the attempt for an idempotency key. ``asked``: the whole request; only a keyed hash is stored."""
        return Attempt(opaque(self._naming_key, "attempt", key), opaque(self._naming_key, "asked", asked))

    def flow_id(self, kind: str, user: str) -> str:
        """Returns the id of a user's flow: the same for the same user, tenant and kind.

        Without the naming key it is impossible to derive the user from it, or to test a guess.
        """
        return f"{kind}-{opaque(self._naming_key, kind, json.dumps([self._tenant, self._spelled(user)]))}"

    def _of_origin(self, user: str, request: Request, caller: str | None, browser: str | None) -> Request:
        origin = Origin(
            user=opaque(self._naming_key, "user", json.dumps([self._tenant, folded_user(user)])),  # in any spelling
            caller=caller and opaque(self._naming_key, "caller", caller),
            browser=browser and opaque(self._naming_key, "browser", browser),
        )
        return request.model_copy(update={"origin": origin})

    async def _start(
        self,
        workflow: str,
        flow_id: str,
        request: StartEnrollment | StartChallenge,
        attempt: Attempt | None,
        until_sent: timedelta | None,
        on_conflict: OnConflict,
    ) -> Started:
        _refuse_unusable(request.recipient)
        request = request.model_copy(update={"requested_at": self._clock()})
        if attempt and (before := await self._started_by(attempt, flow_id, request)):
            return before
        if until_sent is not None:  # identifies the flow after a timeout
            attempt = attempt or Attempt(str(uuid.uuid4()), "")
        replaced = False
        for _ in range(MOST_STARTS):
            try:
                started = await self._start_new(workflow, flow_id, request, attempt, until_sent)
                return replace(started, replaced=replaced)
            except WorkflowAlreadyStartedError:
                met = await self._engine.described(flow_id)
            if met.status is not WorkflowExecutionStatus.RUNNING:
                continue
            if await self._attaches(met, request, attempt, on_conflict):
                return Started(flow_id, first_run_of(met), attached=True)
            await replace_flow(self._engine.in_run(first_run_of(met)), flow_id, self._clock())
            replaced = True
        raise LimitReachedError("Other starts of this user's flow keep coming first. Try again in a moment.")

    async def _attaches(
        self,
        met: WorkflowExecutionDescription,
        request: StartEnrollment | StartChallenge,
        attempt: Attempt | None,
        on_conflict: OnConflict,
    ) -> bool:
        """Whether a start attaches to the flow that it met, perhaps its own. If not, it replaces that flow."""
        if attempt and await self._is_started_by(attempt, met, request):
            return True
        view = await self._engine.in_run(first_run_of(met)).view(met.id)
        has_login = bool(view.token_expires_at or view.message) and view.phase is not Phase.WAITING_FOR_TOKEN
        with engine_errors():
            return attaches(await believed_start_of(self.client, met), has_login, request, on_conflict)

    async def _started_by(
        self, attempt: Attempt, flow_id: str, request: StartEnrollment | StartChallenge
    ) -> Started | None:
        try:
            newest = await self._engine.described(flow_id)
        except UnknownFlowError:
            return None
        repeated = await self._is_started_by(attempt, newest, request)
        return Started(flow_id, first_run_of(newest), attached=True) if repeated else None

    async def _is_started_by(
        self, attempt: Attempt, flow: WorkflowExecutionDescription, request: StartEnrollment | StartChallenge
    ) -> bool:
        """Whether this attempt has started the flow. Its memo alone can be copied. Raises ``ReusedKeyError``."""
        with engine_errors():
            earlier = await Attempt.that_started(flow)
            if earlier is None or earlier.key != attempt.key:
                return False
            started = await believed_start_of(self.client, flow)
        return started is not None and attempt.repeats(earlier) and not differing(started, request)

    async def _start_new(
        self,
        workflow: str,
        flow_id: str,
        request: StartEnrollment | StartChallenge,
        attempt: Attempt | None,
        until_sent: timedelta | None,
    ) -> Started:
        """Start a flow. Raises ``WorkflowAlreadyStartedError`` if one runs."""
        options: dict[str, Any] = {
            "id": flow_id,
            "task_queue": self._task_queue,
            "id_conflict_policy": WorkflowIDConflictPolicy.FAIL,
            "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            "memo": attempt.memo if attempt else {},
            "search_attributes": FlowAttributes.of_start(request).pairs,
            "static_summary": f"{workflow.removesuffix('Workflow').lower()} of one phone",
            "priority": Priority(priority_key=PRIORITIES[workflow], fairness_key=self._fairness_key),
        }
        with engine_errors():
            if attempt and until_sent is not None:
                start: Start = WithStartWorkflowOperation(workflow, request, **options)
                if started := await self._start_and_send(flow_id, start, attempt, request, until_sent):
                    return started
            handle = await self.client.start_workflow(workflow, request, **options, rpc_timeout=QUICK)
        return Started(flow_id, handle.result_run_id or "", attached=False)

    async def _start_and_send(
        self,
        flow_id: str,
        start: Start,
        attempt: Attempt,
        request: StartEnrollment | StartChallenge,
        within: timedelta,
    ) -> Started | None:
        """Returns None if nothing was started in time. A request sent twice finds the flow it started."""
        receipt, met = None, None
        try:
            receipt = await start_and_send(self.client, start, self._stamped(ResendCode()), within)
        except WorkflowAlreadyStartedError as error:
            met = error
        if receipt:
            return Started(flow_id, receipt.run_id, attached=False, receipt=receipt)
        ours = await self._started_by(attempt, flow_id, request)
        if met and not ours:
            raise met
        return ours and replace(ours, attached=False)

    async def view(self, flow_id: str) -> FlowView:
        """Returns the current status document, also of a finished flow. Needs no worker.

        ``trouble`` is set if the flow has pending work that is not being processed.
        """
        return await self._engine.view(flow_id)

    async def status(self, flow_id: str) -> FlowView:
        """Like ``view``, but also checks that a worker answers for the flow. Costs more: not for polling."""
        view = await self._engine.view(flow_id)
        if view.over or view.trouble or await self._engine.answers(flow_id):
            return view
        return view.model_copy(update={"trouble": Trouble.NO_WORKER})

    async def watch(self, flow_id: str, every: timedelta = timedelta(milliseconds=500)) -> AsyncIterator[FlowView]:
        """Yields the status document now and on each change, until the flow ends. Raises ``FailedFlowError``."""
        last = None
        while True:
            view = await self.view(flow_id)
            if view != last:
                yield view
            last = view
            if view.over:
                await self._raise_if_failed(flow_id)
                return
            await asyncio.sleep(every.total_seconds())

    def steps(self, flow_id: str) -> AsyncGenerator[bool, None]:
        """Yields after each step of the flow, when its view may have changed; ends with the flow."""
        return self._engine.steps(flow_id)

    async def result(self, flow_id: str) -> Result:
        """Wait until the flow ends, and return its result. It contains tokens and recovery code: handle with care.

        Raises ``FailedFlowError`` if the flow failed or was terminated. A flow cancelled in Temporal has the outcome
        ``cancelled``; one that was ended during cleanup has only the outcome it had reached.
        """
        kind = EnrollmentResult if is_of(ENROLLMENT, flow_id) else ChallengeResult
        run_id = self._engine.first_run or await self.newest_run(flow_id)
        engine = self._engine.in_run(run_id)
        try:
            return await engine.result(flow_id, kind)
        except WorkflowFailureError as error:
            if (await engine.described(flow_id)).status is WorkflowExecutionStatus.CANCELED:
                return kind(outcome=Outcome.CANCELLED, run_id=run_id)
            if reached := _reached(await engine.view(flow_id), kind):
                return reached
            raise FailedFlowError(why(error)) from None

    @property
    def client(self) -> Client:
        """The Temporal connection, for operator tasks."""
        return self._engine.client

    async def described(self, flow_id: str) -> WorkflowExecutionDescription:
        """Returns Temporal's description of the flow's newest run."""
        return await self._engine.described(flow_id)

    async def forget(self, flow_id: str) -> int:
        """Delete a finished flow, and earlier ones with the same id, from Temporal; returns how many runs.

        Temporal takes about a minute. Raises ``RunningFlowError`` if the flow is still running.
        """
        return await forget(self._engine.client, flow_id)

    async def until_forgotten(self, flow_id: str) -> bool:
        """Wait until a flow is gone from Temporal; False if it still exists after two minutes."""
        return await until_gone(self._engine.client, flow_id)

    async def list(self, query: str = "", limit: int | None = None) -> AsyncIterator[FlowSummary]:
        """Yields flows, newest first. ``query``: further list filter conditions, such as ``MfaPhase = 'done'``."""
        async for summary in summaries(self._engine.client, query, limit):
            yield summary

    async def page(self, query: str, size: int, cursor: str | None = None) -> FlowPage:
        """Returns a page of the list. ``cursor``: from the previous page. Raises ``RefusedMessageError`` if invalid."""
        ours = unsigned(cursor, self._naming_key, query)
        return signed(await page_of(self._engine.client, query, size, ours), self._naming_key, query)

    async def _raise_if_failed(self, flow_id: str) -> None:
        running = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
        if (await self._engine.described(flow_id)).status not in running:
            await self.result(flow_id)


def _reached(view: FlowView, kind: type[Result]) -> Result | None:
    """Returns what is known of the result of a flow that could not return it."""
    if view.outcome is None:
        return None
    return kind(
        outcome=view.outcome,
        run_id=view.run_id,
        channel=view.channel,
        phone_number=view.phone_number,
        sends=view.message,
        wrong_codes=view.wrong_codes,
        note=" ".join(filter(None, [view.note, view.failure])),
        cleanup=view.cleanup,
    )


def _refuse_unusable(recipient: RecipientKey | None) -> None:
    """Refuse an unusable key now, and not when something is sealed to it, which would fail the flow."""
    if recipient is None:
        return
    try:
        public_of(recipient.model_dump())
    except RecipientError as error:
        raise RefusedMessageError(f"recipient: {error}", "recipient") from None
