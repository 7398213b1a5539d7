"""Local stack: the whole product on this computer as separate processes, for ``phone-mfa up`` and ``demo``."""

from .console import run_console, run_up, until_stopped
from .demo_user import DemoUser, NoCodeError
from .processes import StackError
from .stack import Stack, running_stack

__all__ = ["DemoUser", "NoCodeError", "Stack", "StackError", "run_console", "run_up", "running_stack", "until_stopped"]
