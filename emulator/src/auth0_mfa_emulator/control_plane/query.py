"""Parameters in the query of a control plane call."""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from starlette.requests import Request

from auth0_mfa_emulator import errors

T = TypeVar("T")

_MOST_LAST = 1_000_000


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Returns a whole number of the query. Raises 400 if it is none, or out of range."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise errors.control(f"{name}: Input should be a whole number from {least} to {most}.")
    return int(text)


def newest(request: Request, reverse: Iterable[T]) -> list[T]:
    """Returns the entries, oldest first, that `last` asks for, all without it; `reverse` yields the newest first."""
    chosen = list(islice(reverse, whole_number(request, "last", _MOST_LAST, 0, _MOST_LAST)))
    return chosen[::-1]
