"""Processes that are ours to stop, each with its output in a file of its own. Nothing is left of them afterwards."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Mapping
from pathlib import Path
from typing import Final

START_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.1
STOP_SECONDS: Final = 10.0


class StackError(Exception):
    """A process did not start, or ended by itself. Says which one, and what it said last."""


async def together(*starts: Awaitable[object]) -> list[object]:
    """Start several at once. When one fails, its error comes after the others are there too, to be stopped."""
    ended = await asyncio.gather(*starts, return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    return ended


class Processes:
    """By name: "worker", "temporal", and so on. ``folder``: where their output goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._outputs: dict[str, Path] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of those that were started and not killed, by name."""
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, name: str, *command: str, settings: Mapping[str, str] | None = None) -> int:
        """Start one, with none of our settings but these. Gives its process id."""
        self._outputs[name] = self.folder / f"{len(list(self.folder.glob('*.log'))) + 1}-{name}.log"
        with self._outputs[name].open("wb") as output:
            self._running[name] = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**_without_settings(os.environ), **(settings or {})},
                start_new_session=True,  # Ctrl-C is for us, who then stop them in order
            )
        return self._running[name].pid

    async def said(self, name: str, words: str) -> str:
        """Wait for a line with these words. Raises ``StackError``."""
        async for _ in self.patiently(name):
            for line in self._outputs[name].read_text(errors="replace").splitlines():
                if words in line:
                    return line
        raise StackError(f"The {name} did not start in time. {self._blame(name)}")

    async def patiently(self, name: str) -> AsyncIterator[None]:
        """Look again and again, as long as one may need to start. Raises ``StackError`` when it ends."""
        for _ in range(int(START_SECONDS / LOOK_EVERY_SECONDS)):
            if self._running[name].returncode is not None:
                raise StackError(f"The {name} ended at once. {self._blame(name)}")
            yield
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def kill(self, name: str) -> None:
        """Kill one without a chance to say goodbye."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def watch(self) -> None:
        """Return never; raise ``StackError`` when one ends that was not killed here."""
        while True:
            for name, process in self._running.items():
                if process.returncode is not None:
                    raise StackError(f"The {name} ended by itself. {self._blame(name)}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def stop(self) -> None:
        """Stop everything, politely first."""
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self._running.values():
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._running.clear()

    def _blame(self, name: str) -> str:
        lines = self._outputs[name].read_text(errors="replace").strip().splitlines()
        return f"It said: {lines[-1]}" if lines else "It said nothing."


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What runs here must not meet a real tenant or a real Temporal."""
    ours = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}
