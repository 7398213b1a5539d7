"""What one codec server is made of, for the routes to find."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from phone_mfa.encryption import RingSource

from .auth import Readers
from .shared_token import SharedToken


@dataclass(frozen=True, slots=True)
class Served:
    """``origin``: the one whose pages may ask. ``namespace``: of payloads that come without. ``readers``: who may."""

    source: RingSource
    namespace: str
    origin: str
    readers: Readers

    @property
    def shared_token(self) -> SharedToken | None:
        """The token that people sign in with, when it is that kind of server."""
        return self.readers if isinstance(self.readers, SharedToken) else None


def served_by(request: Request) -> Served:
    """What the server that got this request is made of."""
    return cast(Served, request.app.state.served)
