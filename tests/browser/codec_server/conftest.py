"""A codec server beside a Temporal UI, with a browser."""

import dataclasses
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from phone_mfa.encryption import Keyring, SealingCodec
from tests.browser.codec_server.stack import Stack
from tests.integration.codec_server.codec_process import TOKEN, CodecProcess, codec_process
from tests.integration.codec_server.fixtures import by_issuer, ring, sealing, the_issuer
from tests.ports import free_port

__all__ = [
    "by_issuer",
    "codec",
    "context",
    "page",
    "ring",
    "sealing",
    "stack",
    "temporal",
    "the_issuer",
    "ui_port",
]

TEMPORAL = str(Path(sys.executable).with_name("temporal"))


@pytest.fixture(scope="session")
def ui_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def codec(ring: Keyring, ui_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodecProcess]:
    settings = {"origin": f"http://localhost:{ui_port}", "token": TOKEN, "PHONE_MFA_KEYS": ring.text()}
    with codec_process(tmp_path_factory.mktemp("page"), **settings) as process:
        yield process


@pytest.fixture(scope="session")
def stack(codec: CodecProcess, ui_port: int) -> Stack:
    return Stack(codec, f"http://localhost:{ui_port}")


@pytest.fixture(scope="session")
async def temporal(ui_port: int, stack: Stack, sealing: SealingCodec) -> AsyncIterator[Client]:
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        ui=True,
        ui_port=ui_port,
        dev_server_extra_args=["--ui-codec-endpoint", stack.page],
        data_converter=dataclasses.replace(pydantic_data_converter, payload_codec=sealing),
    )
    async with environment as running:
        yield running.client


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context()
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()
