"""Where browsers come back to from Auth0 on this computer: shared by the command that waits and the local tenant."""

from typing import Final

HOST: Final = "127.0.0.1"
PATH: Final = "/callback"
DEFAULT_PORT: Final = 8250
"""A fixed one, since Auth0 compares the port with that of the allowed callback URL."""


def callback_url(port: int) -> str:
    """Returns the address, which the application must allow."""
    return f"http://{HOST}:{port}{PATH}"
