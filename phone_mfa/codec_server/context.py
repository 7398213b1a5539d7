"""Context of a codec server: the dependencies of its routes."""

from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from phone_mfa.encryption import KeyringSource

from .auth import ReaderAuthenticator
from .shared_token import SharedTokenAuthenticator
from .work_queue import WorkQueue


@dataclass(frozen=True, slots=True)
class CodecContext:
    """Dependencies. ``origin``: of the UI. ``namespace``: for requests without one."""

    source: KeyringSource
    namespace: str
    origin: str
    authenticator: ReaderAuthenticator
    work: WorkQueue = field(default_factory=WorkQueue)

    @property
    def shared_token(self) -> SharedTokenAuthenticator | None:
        """The shared token, if the server uses one."""
        return self.authenticator if isinstance(self.authenticator, SharedTokenAuthenticator) else None


def context_of(request: Request) -> CodecContext:
    """Returns the context of the server that received this request."""
    return cast(CodecContext, request.app.state.context)
