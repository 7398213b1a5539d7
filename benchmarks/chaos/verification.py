"""Verifies that each person got what they wanted exactly once, and that Temporal, Auth0 and the phones agree."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError

from phone_mfa.client.errors import FlowsError

from . import histories, queries
from .histories import Told
from .logs import signs_in
from .people import Person
from .plan import Kind
from .processes import Processes
from .stack import TEMPORAL, UNREACHABLE_EXIT, Stack
from .tally import Tally
from .tenant import Tenant

RESULT_SECONDS: Final = 10.0
REPLAY_SECONDS: Final = 15.0
LIST_TRIES: Final = 20
LIST_EVERY_SECONDS: Final = 0.5

_RUNNING: Final = WorkflowExecutionStatus.RUNNING
_CONTINUED: Final = WorkflowExecutionStatus.CONTINUED_AS_NEW


@dataclass(frozen=True)
class Run:
    """One run of a flow, with its history."""

    run_id: str
    status: WorkflowExecutionStatus | None
    history: WorkflowHistory
    told: Told


class Verification:
    """Checks one run of the harness. ``keep``: the folder for histories of flows with a violation."""

    def __init__(self, stack: Stack, tenant: Tenant, people: Sequence[Person], tally: Tally, keep: Path | None) -> None:
        self._stack, self._tenant, self._people, self._tally, self._keep = stack, tenant, people, tally, keep

    async def everything(self) -> None:
        """Run all checks."""
        sent: defaultdict[str, int] = defaultdict(int)
        for message in await self._tenant.messages():
            sent[message.to] += 1
        for person in self._people:
            await self._person(person, sent)
        self._processes()
        for sign, lines in signs_in(self._stack.processes.folder).items():
            self._tally.violated(sign, f"{lines} lines of its logs")

    async def _person(self, person: Person, sent: dict[str, int]) -> None:
        flow_id, habits = person.caller.flow_id, person.habits
        if not flow_id:
            self._violated(person, "a flow was never started", "")
            return
        runs = await self._runs(flow_id)
        await self._ends(person, runs)
        self._decisions(person, runs, sent[habits.number] + sent[habits.other_number])
        self._failures(person, runs)
        await self._replays(person, runs)
        await self._phones(person)
        self._told(person)
        if self._keep and any(violation.flow_id == flow_id for violation in self._tally.violations):
            for number, run in enumerate(runs, 1):
                histories.save(run.history, self._keep, f"{habits.serial:03}-{flow_id}-{number}")

    async def _runs(self, flow_id: str) -> list[Run]:
        """Return all runs of a flow, oldest first, once Temporal's list is up to date."""
        client = self._stack.client
        for _ in range(LIST_TRIES):
            listed = [run async for run in client.list_workflows(f"WorkflowId = '{flow_id}'")]
            newest = await client.get_workflow_handle(flow_id).describe()
            if any((run.run_id, run.status) == (newest.run_id, newest.status) for run in listed):
                break
            await asyncio.sleep(LIST_EVERY_SECONDS)
        version = newest.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id
        if version:
            self._tally.count("versions of flows", version)
        runs = []
        for run in sorted(listed, key=lambda run: run.start_time):
            history = await client.get_workflow_handle(flow_id, run_id=run.run_id).fetch_history()
            told = await histories.told_by(history, client.data_converter, client.namespace)
            runs.append(Run(run.run_id, run.status, history, told))
        return runs

    async def _ends(self, person: Person, runs: Sequence[Run]) -> None:
        own = [run for run in runs if run.status is not _CONTINUED]
        if len(own) != 1:
            self._violated(
                person, "a person has more than one flow, or none", ", ".join(str(run.status) for run in own)
            )
        for run in own:
            self._tally.count("flows", f"{person.habits.kind}: {await self._end(person, run)}")

    async def _end(self, person: Person, run: Run) -> str:
        """Return the outcome of a run, or its status if there is none."""
        flow_id, wanted = person.caller.flow_id, person.habits.outcome
        if run.status is _RUNNING:
            waits = await histories.pending(self._stack.client, flow_id, run.run_id)
            self._violated(person, "stuck", f"{await self._answers(flow_id)}; {waits}; wanted {wanted}")
            return "stuck"
        try:
            async with asyncio.timeout(RESULT_SECONDS):
                result = await self._stack.flows.in_run(run.run_id).result(flow_id)
        except Exception as error:
            self._violated(person, "no outcome", f"{type(error).__name__}: {error}")
            return str(run.status and run.status.name.lower())
        if result.outcome != wanted:
            self._violated(person, "a wrong outcome", f"{result.outcome}, wanted {wanted}: {result.note}")
        return str(result.outcome)

    async def _answers(self, flow_id: str) -> str:
        """Check whether a running flow responds, and how."""
        try:
            async with asyncio.timeout(RESULT_SECONDS):
                view = await self._stack.flows.view(flow_id)
        except (FlowsError, TimeoutError) as error:
            return f"never answers ({str(error) or type(error).__name__})"
        return f"answers {view.phase}: {view.note}"

    async def _replays(self, person: Person, runs: Sequence[Run]) -> None:
        """Check whether a worker that did not run a flow can show it after its end."""
        for run in runs:
            if run.status is _RUNNING:
                continue
            try:
                await queries.ask(
                    self._stack.client, person.caller.flow_id, queries.METADATA, REPLAY_SECONDS, run.run_id
                )
            except RPCError as error:
                self._violated(person, "its history cannot be replayed", error.message)

    def _decisions(self, person: Person, runs: Sequence[Run], messages: int) -> None:
        sends = sum(run.told.sends for run in runs)
        if messages > sends:
            self._violated(person, "a message without a decision", f"{messages} messages, {sends} decisions")
        for again in (again for run in runs for again in run.told.again):
            self._violated(person, "an act was tried again", again)
        self._tally.tables["records"]["messages"] += messages
        self._tally.tables["records"]["decisions to send"] += sends
        for name, times in sum((run.told.decisions for run in runs), Counter[str]()).items():
            self._tally.tables["activities decided"][name] += times

    def _failures(self, person: Person, runs: Sequence[Run]) -> None:
        for failure in (failure for run in runs for failure in run.told.failures):
            self._tally.count("workflow tasks failed", failure.cause)
            if not failure.is_harmless:
                detail = f"event {failure.event_id}, {failure.cause}: {failure.message}"
                self._violated(person, "a workflow task failed", detail)

    async def _phones(self, person: Person) -> None:
        habits = person.habits
        phones = await self._tenant.confirmed_phones(habits)
        wanted = habits.kind is Kind.CHALLENGE or habits.outcome == "enrolled"
        right = [number for number in phones if number[-4:] == habits.last_number[-4:]]
        if len(phones) != wanted or len(right) != wanted:
            expected = f"one ending in {habits.last_number[-4:]}" if wanted else "none"
            self._violated(person, "Auth0 has other phones", f"{phones}, and should have {expected}")

    def _told(self, person: Person) -> None:
        told, wanted = self._tally.told[person.caller.flow_id], person.habits.outcome
        if set(told) - {wanted}:
            self._violated(person, "told another end", f"{dict(told)}, wanted {wanted}")
        if person.accepted and wanted not in ("enrolled", "verified"):
            self._violated(person, "a code was accepted of one who handed none in", "")

    def _processes(self) -> None:
        processes: Processes = self._stack.processes
        for process in processes.all.values():
            for code, times in process.ended_itself.items():
                self._tally.tables["processes that ended by themselves"][f"{process.name}, exit code {code}"] += times
                if process.name != TEMPORAL and code != UNREACHABLE_EXIT:
                    said = [words for words in processes.last_words if words.startswith(f"{process.name} ended")]
                    self._tally.violated("a process ended by itself", " | ".join(said))
            if process.killed_slow:
                self._tally.violated("a process did not end on SIGTERM", f"{process.name}, {process.killed_slow} times")

    def _violated(self, person: Person, what: str, detail: str) -> None:
        self._tally.violated(what, detail, person.caller.flow_id, person.habits.label)
