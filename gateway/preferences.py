"""Parses the ``Prefer`` header (RFC 7240)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from urllib.request import parse_http_list

LATER: Final = "respond-async"
"""Preference: respond without waiting for the verdict."""

LONGEST_WAIT: Final = 20
"""Maximum seconds a start waits for its first message: twice the timeout of a call to Auth0."""


def of_headers(prefer: Iterable[str] | None) -> dict[str, str]:
    """The preferences by name, without their parameters. ``prefer``: the values of all ``Prefer`` headers.

    The first of duplicate preferences applies (RFC 7240, 2).
    """
    named = [each.partition(";")[0].partition("=") for each in parse_http_list(",".join(prefer or ()))]
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in reversed(named)}


def wait_of(prefer: Iterable[str] | None) -> timedelta | None:
    """The requested wait, at most ``LONGEST_WAIT``. ``None`` without one."""
    seconds = of_headers(prefer).get("wait", "")
    wanted = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else 0
    return timedelta(seconds=min(wanted, LONGEST_WAIT)) if wanted else None
