"""Processes that a run kills, freezes and replaces, and stops at the end.

Knows signals, exit codes and log files, but not what a process is for.
"""

import asyncio
import contextlib
import os
import secrets
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The checkout that contains this package. Its code is run, wherever the packages are installed from."""

STOP_SECONDS: Final = 30.0
"""Seconds a process may take to exit after SIGTERM: a worker waits 15 s for its calls to Auth0."""

WATCH_EVERY_SECONDS: Final = 0.2
RESTART_AFTER_SECONDS: Final = 0.5
"""Restart delay, as in a supervisor, so that a process that cannot start yet does not hog the CPU."""

_MARK: Final = "CHAOS_RUN"
_NOT_INHERITED: Final = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")


@dataclass
class Process:
    """A named process, restarted as often as necessary. ``lock``: held by whoever manipulates it.

    ``folder``: for its output; ``code``: the first entry of its module path.
    ``ended_itself``: counts of unrequested exits by exit code.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    code: Path = ROOT
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    starts: int = 0
    ended_itself: Counter[int] = field(default_factory=Counter)
    killed_slow: int = 0
    _running: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """The output since the last start."""
        return self.folder / f"{self.name.replace(' ', '-')}-{self.starts}.log"

    @property
    def exit_code(self) -> int | None:
        """The exit code of a process that ended and was not restarted."""
        return self._running.returncode if self._running else None

    async def start(self) -> None:
        """Start it."""
        self.starts += 1
        with self.log.open("wb") as output:
            self._running = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.code,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # only the parent gets Ctrl-C, and stops the children in order
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self._running and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.send_signal(number)

    async def end(self, number: signal.Signals) -> None:
        """Send a signal and wait for the exit; send SIGKILL if that takes too long."""
        if self._running is None:
            return
        self.send(number)
        try:
            await asyncio.wait_for(self._running.wait(), STOP_SECONDS)
        except TimeoutError:
            self.killed_slow += 1
            self.send(signal.SIGKILL)
            await self._running.wait()
        self._running = None

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """Freeze the process inside the context."""
        self.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)

    def last_line(self) -> str:
        """The last line of output."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.starts else []
        return lines[-1][:300] if lines else "it said nothing"


class Processes:
    """All processes of a run, by name. ``folder``: where their output goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: dict[str, Process] = {}
        self.last_words: list[str] = []
        self._mark = secrets.token_hex(16)

    def add(self, name: str, *command: str, settings: Mapping[str, str] | None = None, code: Path = ROOT) -> Process:
        """Add a process to start with only these of our settings."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
        path = os.pathsep.join(filter(None, [str(ROOT), inherited.get("PYTHONPATH")]))
        environment = {**inherited, "PYTHONPATH": path, _MARK: self._mark, **(settings or {})}
        self.all[name] = Process(name, command, environment, self.folder, code)
        return self.all[name]

    async def watch(self) -> None:
        """Keep restarting processes that end by themselves, except those whose lock is held."""
        while True:
            for process in self.all.values():
                if process.exit_code is not None and not process.lock.locked():
                    await self._start_again(process)
            await asyncio.sleep(WATCH_EVERY_SECONDS)

    async def _start_again(self, process: Process) -> None:
        async with process.lock:
            process.ended_itself[process.exit_code or 0] += 1
            self.last_words.append(f"{process.name} ended with {process.exit_code}: {process.last_line()}")
            await asyncio.sleep(RESTART_AFTER_SECONDS)
            await process.start()

    async def stop(self) -> None:
        """Stop everything: SIGTERM first, then SIGKILL. Call this when nothing restarts processes any more."""
        for process in self.all.values():
            process.send(signal.SIGCONT)
        await asyncio.gather(*(process.end(signal.SIGTERM) for process in self.all.values()))

    def left_over(self) -> list[int]:
        """Return the ids of the live processes that this run started, directly or indirectly."""
        mark = f"{_MARK}={self._mark}".encode()
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has(entry, mark)]


def _has(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or belongs to another user
        return False
