"""Starts what a run is made of, each as a process of its own, and keeps what each of them shows of itself."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.command_line import ROOT, Ran, environment

GRACE_SECONDS = 40
TEMPORAL = str(Path(sys.executable).with_name("temporal"))


@dataclass
class Processes:
    """The processes of a run. By the name of each, ``arguments``: as the system shows them; ``said``: what it wrote."""

    folder: Path
    arguments: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    ran: list[tuple[tuple[str, ...], Ran]] = field(default_factory=list)

    @asynccontextmanager
    async def running(
        self, name: str, *command: str, settings: Mapping[str, str] | None = None
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A process that runs until the end of the block, with its log in a file."""
        with self.log(name).open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=environment(dict(settings or {})), stdout=subprocess.PIPE, stderr=log
            )
        self.note(name, process.pid)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):  # it ended before: what failed for that tells more
                process.terminate()
            self.said[name], _ = await asyncio.wait_for(process.communicate(), GRACE_SECONDS)

    async def run(self, *arguments: str, typed: str = "", settings: Mapping[str, str]) -> Ran:
        """One command of `phone-mfa`, to its end."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "starter", *arguments),
            cwd=ROOT,
            env=environment(dict(settings)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.note(f"command {len(self.ran)}", process.pid)
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), GRACE_SECONDS)
        ended = Ran(process.returncode or 0, out.decode(), err.decode())
        self.ran.append((arguments, ended))
        return ended

    def note(self, name: str, pid: int) -> None:
        """Keep the arguments of a process, as everybody on the machine may read them."""
        self.arguments[name] = Path(f"/proc/{pid}/cmdline").read_bytes()

    def log(self, name: str) -> Path:
        """Where the log of a process is."""
        return self.folder / f"{name}.log"
