"""Tracebacks without values: types, frames and source lines."""

import traceback
from collections.abc import Iterator

from temporalio.exceptions import ApplicationError


def traceback_of(error: BaseException) -> str:
    """Returns the traceback of an exception and its causes: types, frames and source lines.

    Includes only messages of ``ApplicationError``, which are ours. Others may quote the value that caused the error.
    """
    return "".join(_told(error, set())).rstrip()


def _told(error: BaseException, told: set[int]) -> Iterator[str]:
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in told:
        yield from _told(before, told)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    yield f"{kind}: {error.message}\n" if isinstance(error, ApplicationError) else f"{kind}\n"
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield "one of them:\n"
        yield from _told(inner, told)
