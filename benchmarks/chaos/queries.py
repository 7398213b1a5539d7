"""Queries a flow's worker like the Temporal UI: without keys and without our client."""

from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import QueryWorkflowRequest
from temporalio.client import Client

VIEW: Final = "view"
METADATA: Final = "__temporal_workflow_metadata"
"""A built-in query of the SDK, which the UI sends on opening a workflow."""


async def ask(client: Client, flow_id: str, query: str, seconds: float, run_id: str = "") -> None:
    """Query once, waiting up to the timeout if there is no worker. Raises ``RPCError``."""
    request = QueryWorkflowRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=flow_id, run_id=run_id),
        query=WorkflowQuery(query_type=query),
    )
    await client.workflow_service.query_workflow(request, retry=False, timeout=timedelta(seconds=seconds))
