"""Runs `phone-mfa` as people do: a process with an environment of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
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
    """A command line in one environment."""

    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, typed: str = "", **settings: str) -> Ran:
        """Run a command; ``typed`` is its standard input."""
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
