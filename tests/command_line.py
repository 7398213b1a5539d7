"""Runs `phone-mfa` as people do: a process with an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import starter.__main__

ROOT = Path(__file__).parents[1]
OURS = ("AUTH0_", "PHONE_MFA_", "TEMPORAL_")


def environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment, with none of our settings but those."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | settings


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON objects on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class CommandLine:
    """A command line in one environment, run in this process: a fresh interpreter takes a second to import it all.

    What only a process shows, such as signals and the exit, is for ``process``.
    """

    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, typed: str = "", **settings: str) -> Ran:
        """Run a command; ``typed`` is its standard input. In a thread, as a command runs an event loop of its own."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(self._run, arguments, typed, environment(self.settings | settings)).result(90)

    def _run(self, arguments: Sequence[str], typed: str, settings: dict[str, str]) -> Ran:
        out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
        before, stdin, folder = dict(os.environ), sys.stdin, Path.cwd()
        try:
            os.environ.clear()
            os.environ.update(settings)
            os.chdir(ROOT)
            sys.stdin = StringIO(typed)
            with redirect_stdout(out), redirect_stderr(err):
                code = starter.__main__.run(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
            os.chdir(folder)
            sys.stdin = stdin
        return Ran(code, _text(out), _text(err))

    def process(self, *arguments: str, typed: str = "", **settings: str) -> Ran:
        """The same in a process of its own."""
        ended = subprocess.run(
            [sys.executable, "-m", "starter", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment(self.settings | settings),
            timeout=90,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)


def _text(written: TextIOWrapper) -> str:
    written.seek(0)
    return written.read()
