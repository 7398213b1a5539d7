"""Context of a codec server: the dependencies of its routes."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from phone_mfa.encryption import KeyringSource

from .auth import Readers
from .shared_token import SharedToken


@dataclass(frozen=True, slots=True)
class CodecContext:
    """Dependencies. ``origin``: of the UI. ``namespace``: for requests without one. ``readers``: authentication."""

    source: KeyringSource
    namespace: str
    origin: str
    readers: Readers

    @property
    def shared_token(self) -> SharedToken | None:
        """The shared token, if the server uses one."""
        return self.readers if isinstance(self.readers, SharedToken) else None


def served_by(request: Request) -> CodecContext:
    """Returns the context of the server that received this request."""
    return cast(CodecContext, request.app.state.served)
