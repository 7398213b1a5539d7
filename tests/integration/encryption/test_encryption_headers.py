"""Headers, as tracing sends them with every request, are sealed like all else, and are read where they arrive."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, HeaderCodecBehavior, OutboundInterceptor
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import (
    ActivityInboundInterceptor,
    Interceptor,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

with workflow.unsafe.imports_passed_through():
    from datetime import timedelta

    from temporalio.converter import default

    from phone_mfa.encryption import keyring_source_of
    from phone_mfa.encryption.rotation import new_ring
    from phone_mfa.temporal import data_converter

TRACE = "trace-of-the-caller"


def header() -> dict[str, Payload]:
    return {"trace": default().payload_converter.to_payloads([TRACE])[0]}


def require(input: Any) -> None:
    [trace] = default().payload_converter.from_payloads([input.headers["trace"]], [str])
    if trace != TRACE:
        raise ApplicationError("The header is not the caller's.", non_retryable=True)


@activity.defn
async def answer() -> str:
    return "answered"


@workflow.defn
class Traced:
    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        call = workflow.execute_activity(answer, activity_id="call-1", start_to_close_timeout=timedelta(seconds=10))
        self.heard.append(await call)
        await workflow.wait_condition(lambda: len(self.heard) == 3)
        return self.heard

    @workflow.signal
    def say(self, word: str) -> None:
        self.heard.append(word)

    @workflow.update
    async def ask(self, word: str) -> str:
        self.heard.append(word)
        return word

    @workflow.query
    def there(self) -> bool:
        return True


class Tracing(ClientInterceptor):
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Traced(next)


class _Traced(OutboundInterceptor):
    async def start_workflow(self, input: Any) -> Any:
        input.headers = header()
        return await super().start_workflow(input)

    async def signal_workflow(self, input: Any) -> None:
        input.headers = header()
        await super().signal_workflow(input)

    async def query_workflow(self, input: Any) -> Any:
        input.headers = header()
        return await super().query_workflow(input)

    async def start_workflow_update(self, input: Any) -> Any:
        input.headers = header()
        return await super().start_workflow_update(input)


class Requiring(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        return _RequiringFlow

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _RequiringActivity(next)


class _RequiringFlow(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_PassingOn(outbound))

    async def execute_workflow(self, input: Any) -> Any:
        require(input)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: Any) -> None:
        require(input)
        await super().handle_signal(input)

    async def handle_query(self, input: Any) -> Any:
        require(input)
        return await super().handle_query(input)

    async def handle_update_handler(self, input: Any) -> Any:
        require(input)
        return await super().handle_update_handler(input)


class _PassingOn(WorkflowOutboundInterceptor):
    def start_activity(self, input: Any) -> Any:
        input.headers = header()
        return super().start_activity(input)


class _RequiringActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: Any) -> Any:
        require(input)
        return await super().execute_activity(input)


@pytest.fixture
async def traced(engine: WorkflowEnvironment) -> AsyncIterator[Client]:
    config = engine.client.config()
    config["data_converter"] = data_converter(keyring_source_of(new_ring().text()), "default")
    config["header_codec_behavior"] = HeaderCodecBehavior.CODEC
    config["interceptors"] = [*config["interceptors"], Tracing()]
    client = Client(**config)
    queue = Worker(client, task_queue="traced", workflows=[Traced], activities=[answer], interceptors=[Requiring()])
    async with queue:
        yield client


async def test_a_callers_header_is_read_with_each_request_and_seen_by_nobody_else(
    traced: Client, engine: WorkflowEnvironment
) -> None:
    with engine.with_time_skipping_disabled():
        flow = await traced.start_workflow(Traced.run, id=str(uuid.uuid4()), task_queue="traced")
    assert await flow.query(Traced.there)
    assert await flow.execute_update(Traced.ask, "asked") == "asked"
    await flow.signal(Traced.say, "said")

    assert sorted(await flow.result()) == ["answered", "asked", "said"]
    history = (await flow.fetch_history()).to_json()
    assert history.count('"trace"') >= 3
    assert TRACE not in history
