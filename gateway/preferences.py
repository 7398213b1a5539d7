"""What a caller prefers (RFC 7240), as far as anybody here can oblige."""

from datetime import timedelta
from typing import Final

LATER: Final = "respond-async"
"""Nobody waits for the answer."""

LONGEST_WAIT: Final = 20
"""Seconds that a start may wait for its first message: twice what a call to Auth0 may take."""


def of_header(prefer: str | None) -> dict[str, str]:
    """The preferences by name; each value without its parameters."""
    named = (each.partition(";")[0].partition("=") for each in (prefer or "").split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in named}


def wait_of(prefer: str | None) -> timedelta | None:
    """How long a caller would wait, as far as we do. None when that is not told."""
    seconds = of_header(prefer).get("wait", "")
    wanted = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else 0
    return timedelta(seconds=min(wanted, LONGEST_WAIT)) if wanted else None
