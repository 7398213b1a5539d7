"""The demo as a process: what it leaves behind when it is ended early."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_demo_that_is_kept_stays_with_everything_until_it_is_stopped() -> None:
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")  # nobody is to ask them
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "demo", "--keep", "--json"),
        env={name: value for name, value in os.environ.items() if name.lower() != "no_proxy"} | proxies,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert demo.stdout
    told = [json.loads(line) async for line in _until(demo.stdout, '"page": "verify"')]
    started = children_of(demo.pid)
    assert len(started) == 5
    assert {"gateway", "codec_server", "api_key"} < {name for line in told for name in line}
    demo.send_signal(signal.SIGINT)
    _, errors = await demo.communicate()
    assert (demo.returncode, errors) == (0, b"")
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def _until(lines: asyncio.StreamReader, words: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line.decode()
        if words in line.decode():
            return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_demo_that_is_ended_early_leaves_no_process_behind(number: signal.Signals) -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "starter",
        "demo",
        "--json",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert demo.stdout
    async for line in demo.stdout:
        if json.loads(line).get("who") == "worker":
            break
    started = children_of(demo.pid)
    assert len(started) == 3
    demo.send_signal(number)
    _, errors = await demo.communicate()
    assert (demo.returncode, errors) == (130, b"")
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
