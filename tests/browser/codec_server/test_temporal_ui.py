"""What it is all for: the real Temporal UI and CLI show payloads to those allowed."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import StartEnrollment
    from phone_mfa.encryption import SealingCodec, opaque
    from tests.browser.codec_server.conftest import TEMPORAL
    from tests.browser.codec_server.stack import Stack, signs_in
    from tests.integration.codec_server.codec_process import TOKEN, CodecProcess
    from tests.integration.codec_server.issuer import Issuer

START = StartEnrollment(phone_number=SecretStr("+15555550123"), mfa_token=SecretStr("Fe26.2*SERVER_1*hush-hush-hush"))
SECRETS = ("5555550123", "hush-hush-hush", "135790")


@workflow.defn
class Showing:
    """Says something about itself, and waits."""

    @workflow.run
    async def run(self, start: StartEnrollment) -> None:
        workflow.set_current_details("| | |\n|---|---|\n| code expires | 2026-11-25 10:05:00 UTC |\n| not | 135790 |")
        await workflow.wait_condition(lambda: False)


@pytest.fixture
async def flow(temporal: Client) -> AsyncIterator[WorkflowHandle[Showing, None]]:
    """A flow that waits, on a worker of its own."""
    name = f"enroll-{opaque(uuid4().bytes, 'enroll', 'ada')}"
    async with Worker(temporal, task_queue=name, workflows=[Showing]):
        summary = "enrollment of +1 555 555 0123"
        handle = await temporal.start_workflow(Showing.run, START, id=name, task_queue=name, static_summary=summary)
        yield handle
        await handle.terminate()


async def seen_in_a_frame(page: Page, text: str) -> None:
    """The UI renders Markdown in frames."""
    for _ in range(100):
        if [frame for frame in page.frames if await frame.get_by_text(text).count()]:
            return
        await page.wait_for_timeout(100)
    pytest.fail(f"not on the page: {text}")


async def test_the_ui_shows_a_flow_to_who_signed_in(
    stack: Stack, flow: WorkflowHandle[Showing, None], page: Page
) -> None:
    address = f"{stack.ui}/namespaces/default/workflows/{flow.id}"
    await signs_in(page, stack)
    await page.goto(address)
    await page.get_by_label("Codec Server could not connect").first.click()
    await page.get_by_text("Use my browser setting").click()
    await page.get_by_label("Codec Server browser endpoint").fill(stack.page)
    await page.get_by_text("Include cross-origin credentials").click()
    await page.get_by_role("button", name="Apply").click()

    await page.goto(address)
    await expect(page.get_by_text("XXXXXXXX0123").first).to_be_visible(timeout=20_000)
    shown = await page.content()
    await page.get_by_text("User Metadata").first.click()
    for text in ("enrollment of [hidden]", "2026-11-25 10:05:00 UTC"):
        await seen_in_a_frame(page, text)
    shown += "".join([await frame.content() for frame in page.frames])
    assert not [secret for secret in SECRETS if secret in shown]


def refusals(stack: Stack) -> int:
    return sum(line["event"] == "codec.refused" and line["reason"] == "no_token" for line in stack.codec.lines)


async def test_the_ui_shows_nothing_to_who_did_not_sign_in(
    stack: Stack, flow: WorkflowHandle[Showing, None], page: Page
) -> None:
    await page.goto(f"{stack.ui}/namespaces/default/workflows/{flow.id}")
    await expect(page.get_by_label("Codec Server could not connect").first).to_be_visible(timeout=20_000)
    before = refusals(stack)
    await page.get_by_text("User Metadata").first.click()
    await expect(page.get_by_text("Current Details").first).to_be_visible(timeout=20_000)
    while refusals(stack) == before:
        await page.wait_for_timeout(100)
    shown = await page.content() + "".join([await frame.content() for frame in page.frames])
    readable = ("XXXXXXXX0123", "enrollment of", "code expires", *SECRETS)
    assert not [text for text in readable if text in shown]


async def cli(
    temporal: Client, endpoint: str, token: str, flow: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    where = ["--workflow-id", flow, "--address", temporal.service_client.config.target_host]
    codec = ["--codec-endpoint", endpoint, "--codec-auth", f"Bearer {token}", "--codec-header", f"X-Flow-Id={flow}"]
    command = [TEMPORAL, *arguments, *where, *codec]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)


async def test_the_cli_shows_a_flow_to_who_has_the_token(
    temporal: Client, codec: CodecProcess, flow: WorkflowHandle[Showing, None]
) -> None:
    show = await cli(temporal, codec.address, TOKEN, flow.id, "workflow", "describe")
    history = await cli(
        temporal, codec.address, TOKEN, flow.id, "workflow", "show", "--detailed", "--workflow-id", flow.id
    )
    metadata = await cli(temporal, codec.address, TOKEN, flow.id, "workflow", "metadata")

    assert "enrollment of [hidden]" in show.stdout
    assert "XXXXXXXX0123" in history.stdout
    assert "2026-11-25 10:05:00 UTC" in metadata.stdout
    assert not [secret for secret in SECRETS if secret in show.stdout + history.stdout + metadata.stdout]
    assert codec.lines[-1]["flow"] == flow.id


async def test_the_cli_starts_a_flow_with_sealed_input_for_who_may_encode(
    temporal: Client, by_issuer: CodecProcess, the_issuer: Issuer, sealing: SealingCodec
) -> None:
    name, token = f"enroll-{uuid4().hex}", the_issuer.token(roles=["phone-mfa:encode", "phone-mfa:decode"])
    given = ["--task-queue", name, "--type", "Showing", "--input", START.model_dump_json()]
    started = await cli(temporal, by_issuer.address, token, name, "workflow", "start", *given)

    assert started.returncode == 0, started.stderr
    history = await temporal.get_workflow_handle(name).fetch_history()
    [payload] = history.events[0].workflow_execution_started_event_attributes.input.payloads
    assert json.loads(sealing.opened(payload).data) == json.loads(START.model_dump_json())
    await temporal.get_workflow_handle(name).terminate()
