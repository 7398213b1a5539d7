"""Many messages to one flow, and what they lead to."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionDescription
from temporalio.worker import Replayer

from phone_mfa.client import Flows
from phone_mfa.contracts import BindingCode
from tests.integration.engine_limits.fixtures import STRICT
from tests.integration.flows.stage import Stage
from workflows import ArgumentGuard, EnrollmentWorkflow, GuardedRunner

AT_ONCE = 32
STRICTLY_LONG = 2 * int(STRICT["limit.historyCount.suggestContinueAsNew"])
"""Pokes after which a flow of the strict server has gone on in a new run."""

either_way = pytest.mark.parametrize("how", ["by its id", "by its first run"])


async def each(count: int, poke: Callable[[int], Awaitable[object]], at_once: int = AT_ONCE) -> None:
    """Poke so often, a few at once."""
    left = iter(range(count))

    async def some() -> None:
        for number in left:
            await poke(number)

    await asyncio.gather(*(some() for _ in range(at_once)))


async def continued(stage: Stage, flow: str, pokes: int = STRICTLY_LONG) -> WorkflowExecutionDescription:
    """Have a flow go on in a new run, by signals that it does not understand, and tell of that run."""
    before = (await stage.handle(flow).describe()).run_id
    await each(pokes, lambda _: stage.handle(flow).signal("nobody_knows"))

    async def goes_on() -> bool:
        return (await stage.handle(flow).describe()).run_id != before

    await stage.eventually(goes_on)
    return await stage.handle(flow).describe()


async def replay(stage: Stage, flow: str, run_id: str) -> None:
    """Have a new worker decide all again. Raises when it decides otherwise."""
    client = stage.engine.client
    replayer = Replayer(
        workflows=[EnrollmentWorkflow],
        workflow_runner=GuardedRunner(),
        interceptors=[ArgumentGuard()],
        data_converter=client.data_converter,
    )
    await replayer.replay_workflow(await client.get_workflow_handle(flow, run_id=run_id).fetch_history())


async def stored(stage: Stage, flow: str) -> tuple[int, int]:
    """How many events Temporal stores of the flow's newest run, and how many bytes."""
    told = (await stage.handle(flow).describe()).raw_description.workflow_execution_info
    return told.history_length, told.history_size_bytes


def binding_code(code: str, submission_id: str | None = None) -> BindingCode:
    return BindingCode(code=SecretStr(code), submission_id=submission_id)


async def addressed(stage: Stage, flow: str, how: str) -> Flows:
    """The flow by its id alone, or by the run it began with too."""
    return stage.flows.in_run(await stage.flows.newest_run(flow)) if how == "by its first run" else stage.flows
