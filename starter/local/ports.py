"""Ports of the local stack: the documented ones where free, otherwise any free ones."""

import contextlib
import socket
from dataclasses import dataclass
from typing import Self

from starter.callback_url import DEFAULT_PORT

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """One port per process, and one for `phone-mfa login --browser`. The defaults are the documented ones."""

    temporal: int = 7233
    ui: int = 8233
    auth0: int = 3000
    codec: int = 8081
    gateway: int = 8088
    callback: int = DEFAULT_PORT

    def free(self) -> Self:
        """Return these ports, with those in use replaced by free ones."""
        with contextlib.ExitStack() as held:  # all at once, so that none is assigned twice
            return type(self)(**{name: _free(held, port) for name, port in vars(self).items()})


ANY = Ports(0, 0, 0, 0, 0, 0)


def _free(held: contextlib.ExitStack, preferred: int) -> int:
    for port in (preferred, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port released a moment ago counts as free
        try:
            probe.bind((LOOPBACK, port))
            found: int = probe.getsockname()[1]
        except OSError:
            continue
        return found
    raise OSError("no free port")
