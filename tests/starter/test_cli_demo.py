"""The demo as a process: what it leaves behind when it is ended early."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


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
