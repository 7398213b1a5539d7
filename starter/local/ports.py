"""Which ports the processes listen on: those that people know, where they are free, or any that are."""

import contextlib
import socket
from dataclasses import dataclass
from typing import Self

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """One for each process; as they stand, those of the documentation."""

    temporal: int = 7233
    ui: int = 8233
    auth0: int = 3000
    codec: int = 8081
    gateway: int = 8088

    def free(self) -> Self:
        """These as far as they are free at this moment, and others for the rest."""
        with contextlib.ExitStack() as held:  # all at once, so that none is given twice
            return type(self)(**{name: _free(held, port) for name, port in vars(self).items()})


ANY = Ports(0, 0, 0, 0, 0)


def _free(held: contextlib.ExitStack, wished: int) -> int:
    for port in (wished, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just stopped is no reason to move
        try:
            probe.bind((LOOPBACK, port))
            found: int = probe.getsockname()[1]
        except OSError:
            continue
        return found
    raise OSError("there is no free port")
