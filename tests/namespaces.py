"""Namespaces of their own on the tests' Temporal server, for what looks at all flows of one."""

import asyncio
import time
import uuid

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment


async def new_namespace(engine: WorkflowEnvironment) -> Client:
    """A client of a namespace as a server makes one: without our search attributes."""
    request = RegisterNamespaceRequest(
        namespace=f"test-{uuid.uuid4()}", workflow_execution_retention_period=Duration(seconds=86_400)
    )
    await engine.client.workflow_service.register_namespace(request)
    client = await Client.connect(engine.client.service_client.config.target_host, namespace=request.namespace)
    await _until_known(client)
    return client


def settings_of(client: Client) -> dict[str, str]:
    """What makes a process use this namespace."""
    target = client.service_client.config.target_host
    return {"TEMPORAL_ADDRESS": target, "TEMPORAL_NAMESPACE": client.namespace}


async def _until_known(client: Client) -> None:
    """Wait until all parts of the server know a new namespace."""
    give_up_at = time.monotonic() + 30
    while True:
        try:
            await client.count_workflows()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or time.monotonic() > give_up_at:
                raise
        else:
            return
        await asyncio.sleep(0.1)
