"""Deletes a finished flow from Temporal before its retention ends."""

import asyncio
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from .error_mapping import engine_errors
from .errors import RunningFlowError
from .worker_health import QUICK

REMAINS: Final = (
    "Temporal's backups and archives, if you keep any, contain the sealed history until they are deleted themselves",
    "logs contain the flow's id, which does not reveal the user without the naming key",
    "Auth0 keeps the authenticator and its own tenant log",
)
"""What remains after a history is deleted."""

_PATIENCE_SECONDS: Final = 120
"""Temporal deletes once its queues have processed the flow's end: after 33 s, measured on server 1.32."""


async def forget(client: Client, flow_id: str) -> int:
    """Delete every run of a flow; returns how many there were. Temporal takes about a minute.

    Raises ``UnknownFlowError`` if there is none, and ``RunningFlowError``, deleting nothing, if it is still running.
    """
    with engine_errors():
        newest = await client.get_workflow_handle(flow_id).describe(rpc_timeout=QUICK)
        if newest.status is WorkflowExecutionStatus.RUNNING:
            raise RunningFlowError("The flow is still running: cancel it, then forget it.")
        runs = {newest.run_id}
        # The list lags by about a second, which does not matter for older runs.
        async for execution in client.list_workflows(f"WorkflowId = '{flow_id}' AND ExecutionStatus != 'Running'"):
            runs.add(execution.run_id)
        for run in runs:
            await _delete(client, flow_id, run)
    return len(runs)


async def until_gone(client: Client, flow_id: str) -> bool:
    """Wait until a flow is gone from Temporal; False if it still exists after two minutes."""
    for _ in range(_PATIENCE_SECONDS):
        with engine_errors():
            listed = [run async for run in client.list_workflows(f"WorkflowId = '{flow_id}'")]
            if not listed and not await _is_there(client, flow_id):
                return True
        await asyncio.sleep(1)
    return False


async def _delete(client: Client, flow_id: str, run_id: str) -> None:
    execution = WorkflowExecution(workflow_id=flow_id, run_id=run_id)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    try:
        await client.workflow_service.delete_workflow_execution(request, timeout=QUICK)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # its retention has just ended
            raise


async def _is_there(client: Client, flow_id: str) -> bool:
    try:
        await client.get_workflow_handle(flow_id).describe(rpc_timeout=QUICK)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
