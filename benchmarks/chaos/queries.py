"""Asks a flow's worker something, with no keys and no client of ours: as the Temporal UI does."""

from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import QueryWorkflowRequest
from temporalio.client import Client

VIEW: Final = "view"
METADATA: Final = "__temporal_workflow_metadata"
"""What the SDK answers for every workflow, and the UI asks on opening one."""


async def ask(client: Client, flow_id: str, query: str, seconds: float, run_id: str = "") -> None:
    """Ask, once, and wait for so long where nobody works. Raises ``RPCError``."""
    request = QueryWorkflowRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=flow_id, run_id=run_id),
        query=WorkflowQuery(query_type=query),
    )
    await client.workflow_service.query_workflow(request, retry=False, timeout=timedelta(seconds=seconds))
