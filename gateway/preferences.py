"""What a caller prefers (RFC 7240), as far as anybody here can oblige."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from urllib.request import parse_http_list

LATER: Final = "respond-async"
"""Nobody waits for the answer."""

LONGEST_WAIT: Final = 20
"""Seconds that a start may wait for its first message: twice what a call to Auth0 may take."""


def of_headers(prefer: Iterable[str] | None) -> dict[str, str]:
    """The preferences by name, without their parameters. ``prefer``: the headers of that name.

    What is preferred twice is as preferred first (RFC 7240, 2).
    """
    named = [each.partition(";")[0].partition("=") for each in parse_http_list(",".join(prefer or ()))]
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in reversed(named)}


def wait_of(prefer: Iterable[str] | None) -> timedelta | None:
    """How long a caller would wait, as far as we do. None when that is not told."""
    seconds = of_headers(prefer).get("wait", "")
    wanted = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else 0
    return timedelta(seconds=min(wanted, LONGEST_WAIT)) if wanted else None
