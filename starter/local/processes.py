"""Child processes with their output in files. All of them are stopped at the end."""

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

DIRECT: Final = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
"""Settings that keep proxies out: everything is on loopback. Programs read one name or the other."""


class StackError(Exception):
    """A process did not start, or exited by itself. The message names it, with its last line of output."""


async def start_together(*starts: Awaitable[object]) -> list[object]:
    """Start several at once. If one fails, raise its error only once the others are up, so that they can be stopped."""
    ended = await asyncio.gather(*starts, return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    return ended


class Processes:
    """The processes, by name such as "worker" or "emulator". ``folder``: where their output goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._outputs: dict[str, Path] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the started and not killed processes, by name."""
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, name: str, *command: str, settings: Mapping[str, str] | None = None) -> int:
        """Start a process with only these of our settings. Return its process id."""
        self._outputs[name] = self.folder / f"{len(list(self.folder.glob('*.log'))) + 1}-{name}.log"
        with self._outputs[name].open("wb") as output:
            self._running[name] = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**_without_settings(os.environ), **DIRECT, **(settings or {})},
                start_new_session=True,  # only the parent gets Ctrl-C, and stops the children in order
            )
        return self._running[name].pid

    async def until_printed(self, name: str, words: str) -> str:
        """Wait for an output line that contains ``words``. Raises ``StackError``."""
        async for _ in self.while_starting(name):
            for line in self._outputs[name].read_text(errors="replace").splitlines():
                if words in line:
                    return line
        raise StackError(f"The {name} did not start in time. {self._blame(name)}")

    async def while_starting(self, name: str) -> AsyncIterator[None]:
        """Yield at intervals until the start-up time is over. Raises ``StackError`` if the process exits."""
        for _ in range(int(START_SECONDS / LOOK_EVERY_SECONDS)):
            if self._running[name].returncode is not None:
                raise StackError(f"The {name} exited at once. {self._blame(name)}")
            yield
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def kill(self, name: str) -> None:
        """Kill a process with SIGKILL."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def watch(self) -> None:
        """Watch forever; raise ``StackError`` if a process ends that was not killed here."""
        while True:
            for name, process in self._running.items():
                if process.returncode is not None:
                    raise StackError(f"The {name} exited by itself. {self._blame(name)}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def stop(self) -> None:
        """Stop all processes: SIGTERM first, then SIGKILL."""
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
        return f"Its last line of output: {lines[-1]}" if lines else "It printed nothing."


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Remove our settings, so that no process reaches a real tenant or a real Temporal."""
    ours = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}
