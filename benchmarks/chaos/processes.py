"""Processes that a run kills, freezes and replaces, and that are all gone afterwards.

Knows signals, exit codes and log files. Refuses to know what a process is for.
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
"""The checkout this package is in. Its code is what runs, wherever else the packages are installed from."""

STOP_SECONDS: Final = 30.0
"""How long a process may take to end after SIGTERM: a worker waits 15 s for its calls to Auth0."""

WATCH_EVERY_SECONDS: Final = 0.2
RESTART_AFTER_SECONDS: Final = 0.5
"""As a supervisor does, so that what cannot start yet does not use up the machine with trying."""

_MARK: Final = "CHAOS_RUN"
_NOT_INHERITED: Final = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")


@dataclass
class Process:
    """One process under a name, started as often as it takes. ``lock``: held by whoever does something to it.

    ``folder``: for its output; ``code``: where it finds its modules first.
    ``ended_itself``: how often it ended with which exit code although nobody asked it to.
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
        """What it wrote since it was started last."""
        return self.folder / f"{self.name.replace(' ', '-')}-{self.starts}.log"

    @property
    def exit_code(self) -> int | None:
        """That of a process that ended and was not started again."""
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
                start_new_session=True,  # Ctrl-C is for us, who then stop them in order
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that ended gets none."""
        if self._running and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.send_signal(number)

    async def end(self, number: signal.Signals) -> None:
        """Send a signal and wait for the end; SIGKILL follows where that takes too long."""
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
        """It gets no time inside."""
        self.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)

    def last_line(self) -> str:
        """What it said last."""
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
        """A process to be started, with none of our settings but these."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
        path = os.pathsep.join(filter(None, [str(ROOT), inherited.get("PYTHONPATH")]))
        environment = {**inherited, "PYTHONPATH": path, _MARK: self._mark, **(settings or {})}
        self.all[name] = Process(name, command, environment, self.folder, code)
        return self.all[name]

    async def watch(self) -> None:
        """Start again, for ever, what ended by itself. What somebody has the lock of is theirs."""
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
        """Stop everything, politely first. To be called when nothing watches any more."""
        for process in self.all.values():
            process.send(signal.SIGCONT)
        await asyncio.gather(*(process.end(signal.SIGTERM) for process in self.all.values()))

    def left_over(self) -> list[int]:
        """The ids of processes that this run started, directly or not, and that live."""
        mark = f"{_MARK}={self._mark}".encode()
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has(entry, mark)]


def _has(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or is somebody else's
        return False
