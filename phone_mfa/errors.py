"""Why a process cannot start. A module of its own, so that whoever only connects imports no command line."""

from typing import ClassVar


class CannotStartError(Exception):
    """A process cannot start here. The message says why and what to do, and never quotes a setting's value."""

    exit_code: ClassVar[int] = 2
