"""The commands of ``phone-mfa``, by what they are about. Each reads its input, acts once, shows what came of it."""

import inspect
from collections.abc import Callable


def help_of(command: Callable[..., None]) -> str:
    """A command's docstring, each paragraph in one line for any width of terminal; the examples stay as they are."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(part if part.startswith("\b") else part.replace("\n", " ") for part in paragraphs)
