"""What one codec server is made of, for the routes to find."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from phone_mfa.encryption import KeyringSource

from .auth import Readers
from .shared_token import SharedToken


@dataclass(frozen=True, slots=True)
class CodecContext:
    """``origin``: the one whose pages may ask. ``namespace``: of payloads that come without. ``readers``: who may."""

    source: KeyringSource
    namespace: str
    origin: str
    readers: Readers

    @property
    def shared_token(self) -> SharedToken | None:
        """The token that people sign in with, when it is that kind of server."""
        return self.readers if isinstance(self.readers, SharedToken) else None


def served_by(request: Request) -> CodecContext:
    """What the server that got this request is made of."""
    return cast(CodecContext, request.app.state.served)
