"""A worker as a process, and the command that speaks to it; a command that waits for a login."""

import asyncio
import re
import signal
import subprocess
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
from temporalio.testing import WorkflowEnvironment

from tests.command_line import ROOT, CommandLine, environment
from tests.integration.starter.conftest import SETTINGS


@asynccontextmanager
async def working(engine: WorkflowEnvironment, address: str, **more: str) -> AsyncIterator[CommandLine]:
    """The command, with everything there that it speaks to. ``more``: settings of it and of the worker."""
    settings = {
        "TEMPORAL_ADDRESS": engine.client.service_client.config.target_host,
        "PHONE_MFA_TASK_QUEUE": f"cli-{uuid.uuid4()}",
        "AUTH0_DOMAIN": address,
        **SETTINGS,
        **more,
    }
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "worker.py", cwd=ROOT, env=environment(settings), stderr=subprocess.DEVNULL
    )
    yield CommandLine(settings)
    worker.terminate()
    await asyncio.wait_for(worker.wait(), 30)  # how it ends is for the worker's own tests


async def newest_code(tenant: httpx.AsyncClient, number: str) -> str:
    while not (received := (await tenant.get("/_control/messages", params={"to": number})).json()):
        pass  # each look is a round trip to the emulator
    return str(received[-1]["code"])


class WaitingLogin:
    """`phone-mfa login` as a process that waits for a browser. ``shown``: what it has said so far."""

    def __init__(self, process: Process) -> None:
        self.process, self.shown = process, ""

    async def says(self, pattern: str) -> str:
        """Wait for words on standard error."""
        assert self.process.stderr
        async with asyncio.timeout(30):
            while not (found := re.search(pattern, self.shown)):
                line = await self.process.stderr.readline()
                assert line, self.shown
                self.shown += line.decode()
        return found[0]

    async def address(self) -> str:
        """The address to log in at."""
        return await self.says(r"http://\S+(?=\n)")

    async def token(self) -> str:
        """The token that it writes at the end."""
        code, out = await self.end()
        assert code == 0, self.shown
        return out

    async def end(self) -> tuple[int, str]:
        """Wait for the end. Returns the exit code, and what was written."""
        out, err = await asyncio.wait_for(self.process.communicate(), 30)
        self.shown += err.decode()
        return self.process.returncode or 0, out.decode()


@asynccontextmanager
async def waiting_login(settings: dict[str, str], *options: str) -> AsyncIterator[WaitingLogin]:
    """A login that is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "login", *options),
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # which background jobs ignore
    )
    try:
        yield WaitingLogin(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
