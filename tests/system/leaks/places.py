"""Where secrets are looked for: all that Temporal keeps and shows to whoever has no key, and all that we write down."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType, WorkflowExecutionStatus
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    ListWorkersRequest,
    ListWorkersResponse,
    ListWorkflowExecutionsRequest,
    QueryWorkflowRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from phone_mfa.contracts.names import auth0_task_queue
from tests.integration.codec_server.codec_process import CodecProcess, raw
from tests.system.leaks.commands import is_showing
from tests.system.leaks.processes import Processes

NAMESPACE: Final = "default"

QUERIES: Final = ("view", "__temporal_workflow_metadata", "__stack_trace")


class Place(NamedTuple):
    """Something that is written down. ``kind``: which of its like it is one of."""

    kind: str
    name: str
    content: bytes


def database(file: Path, when: str) -> Iterator[Place]:
    """The files of a SQLite database, and the values in them: a long one may lie in pieces in the file."""
    for part in sorted(file.parent.glob(f"{file.name}*")):
        yield Place(f"database {when}", part.name, part.read_bytes())
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            rows = opened.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - SQLite's own name of it
            values = (value for row in rows for value in row if isinstance(value, str | bytes))
            yield Place(
                f"values {when}",
                table,
                b"\n".join(value if isinstance(value, bytes) else value.encode() for value in values),
            )


class Temporal:
    """Temporal as it answers everybody. ``client``: has no key."""

    def __init__(self, client: Client) -> None:
        self._service = client.workflow_service

    async def executions(self) -> list[WorkflowExecution]:
        """All there ever were."""
        listed = await self._service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=NAMESPACE, page_size=1000)
        )
        assert not listed.next_page_token
        return [one.execution for one in listed.executions]

    async def statuses(self) -> set[str]:
        """Every status that one of them has."""
        listed = await self._service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=NAMESPACE, page_size=1000)
        )
        return {WorkflowExecutionStatus.Name(one.status).rpartition("STATUS_")[2] for one in listed.executions}

    async def history(self, execution: WorkflowExecution) -> Message:
        """What happened in one."""
        answer = await self._service.get_workflow_execution_history(
            GetWorkflowExecutionHistoryRequest(namespace=NAMESPACE, execution=execution)
        )
        assert not answer.next_page_token
        return answer

    async def places(self, task_queues: tuple[str, ...]) -> AsyncIterator[Place]:
        """Everything it tells."""
        listing = ListWorkflowExecutionsRequest(namespace=NAMESPACE, page_size=1000)
        for place in _written("list", "list", await self._service.list_workflow_executions(listing)):
            yield place
        for execution in await self.executions():
            async for place in self._of(execution):
                yield place
        for queue in task_queues:
            async for place in self._of_queue(queue):
                yield place
        for place in _written("workers", "workers", await self._workers()):
            yield place

    async def workers(self) -> set[str]:
        """The identities of the workers it lists."""
        return {one.worker_heartbeat.worker_identity for one in (await self._workers()).workers_info}

    async def _of(self, execution: WorkflowExecution) -> AsyncIterator[Place]:
        described = DescribeWorkflowExecutionRequest(namespace=NAMESPACE, execution=execution)
        for kind, answer in (
            ("history", await self.history(execution)),
            ("describe", await self._service.describe_workflow_execution(described)),
        ):
            for place in _written(kind, execution.workflow_id, answer):
                yield place

    async def queried(self, execution: WorkflowExecution) -> AsyncIterator[Place]:
        """What a flow tells, and its refusals to."""
        for name in QUERIES:
            query = QueryWorkflowRequest(namespace=NAMESPACE, execution=execution, query=WorkflowQuery(query_type=name))
            try:
                answer = await self._service.query_workflow(query)
            except RPCError as error:
                yield Place("query", execution.workflow_id, error.raw_grpc_status + error.message.encode())
                continue
            for place in _written("query", execution.workflow_id, answer):
                yield place

    async def _of_queue(self, name: str) -> AsyncIterator[Place]:
        for queue, kind in (
            (name, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
            (auth0_task_queue(name), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
        ):
            request = DescribeTaskQueueRequest(
                namespace=NAMESPACE, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_pollers=True
            )
            for place in _written("task queue", queue, await self._service.describe_task_queue(request)):
                yield place

    async def _workers(self) -> ListWorkersResponse:
        return await self._service.list_workers(ListWorkersRequest(namespace=NAMESPACE, page_size=100))


def _written(kind: str, name: str, answer: Message) -> Iterator[Place]:
    yield Place(kind, f"{name} as bytes", answer.SerializeToString())
    yield Place(kind, f"{name} as JSON", json_format.MessageToJson(answer).encode())


def decoded(codec: CodecProcess, token: str, name: str, payloads: Sequence[Payload]) -> Iterator[Place]:
    """What the codec server answers to who may ask, and to who may not."""
    answer = codec.decode(*payloads, authorization=f"Bearer {token}", x_flow_id=name)
    assert answer.status_code == 200, answer.text
    yield Place("codec answers", name, raw(answer).encode())
    refused = codec.decode(*payloads, authorization="Bearer a-token-that-nobody-has")
    assert refused.status_code in (401, 403)
    yield Place("codec answers", f"{name} refused", raw(refused).encode())


def written(processes: Processes) -> Iterator[Place]:
    """The logs of processes; what they said, and commands that were not asked for secrets; and all arguments."""
    for file in sorted(processes.folder.glob("*.log")):
        yield Place("log", file.stem, file.read_bytes())
    for name, said in processes.said.items():
        yield Place("output", name, said)
    for number, (arguments, ran) in enumerate(processes.ran):
        yield Place("output", f"{number} {arguments[0]}, errors", ran.err.encode())
        if not is_showing(arguments):
            yield Place("output", f"{number} {arguments[0]}", ran.out.encode())
    for name, shown in processes.arguments.items():
        yield Place("arguments", name, shown)


async def metrics_of_gateway(name: str, address: str) -> Place:
    """The page of a gateway."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return Place("metrics", name, (await http.get(f"{address}/metrics")).content)


async def metrics_of_worker(address: str) -> Place:
    """The page of a worker, as soon as it asks for work, which names its task queue."""
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=10), trust_env=False) as http:
        while b"temporal_num_pollers{" not in (page := (await http.get(f"http://{address}/metrics")).content):
            pass  # each look is a round trip to the worker
    return Place("metrics", address, page)
