"""Prints the demo's events as they happen: who did what and when, as lines or JSON objects."""

import json
import time
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

STYLES: Final = {"phone": "cyan", "person": "green", "flow": "bold", "worker": "magenta", "check": "bold green"}


class Timeline:
    """The output of one demo; the clock starts on creation."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._started = time.monotonic()
        self._console = Console(highlight=False, soft_wrap=True)
        self.failed: list[str] = []

    def scene(self, title: str) -> None:
        """Begin a new scene."""
        if self._as_json:
            self._write({"scene": title})
        else:
            self._console.print(f"\n[bold underline]{title}[/]")

    def print(self, who: str, what: str) -> None:
        """Print one event."""
        seconds = time.monotonic() - self._started
        if self._as_json:
            self._write({"seconds": round(seconds, 2), "who": who, "what": what})
        else:
            style = STYLES.get(who, "dim")
            self._console.print(Text.assemble((f"{seconds:6.1f}s  ", "dim"), (f"{who:<9}", style), what))

    def check(self, what: str, *, holds: bool) -> None:
        """Print the result of a check, and record a failure."""
        if not holds:
            self.failed.append(what)
        self.print("check" if holds else "FAILED", what)

    def end(self) -> None:
        """Print the last line."""
        seconds = time.monotonic() - self._started
        passed = not self.failed
        if self._as_json:
            self._write({"passed": passed, "failed": self.failed, "seconds": round(seconds, 2)})
        else:
            outcome = "Everything ended as expected" if passed else f"{len(self.failed)} checks failed"
            self._console.print(f"\n[bold {'green' if passed else 'red'}]{outcome}[/], in {seconds:.0f} seconds.")

    def _write(self, line: dict[str, object]) -> None:
        typer.echo(json.dumps(line))
