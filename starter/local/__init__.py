"""Local stack: the whole product on this computer as separate processes, for ``phone-mfa up`` and ``demo``."""

from .console import run_up, stay, until_stopped
from .demo_user import NoCodeError, Person
from .processes import StackError
from .stack import Stack, running_stack

__all__ = ["NoCodeError", "Person", "Stack", "StackError", "run_up", "running_stack", "stay", "until_stopped"]
