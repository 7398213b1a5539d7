"""Authentication by a shared token, in a header or through a session cookie.

A cookie holds its expiry time and a MAC of it under the token, never the token itself: what a browser keeps on disk is
of no use elsewhere, and expires.
"""

import hmac
import time
from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from .auth import Credentials, NotAuthenticatedError, Reader, Role

WHO: Final = "shared token"
SESSION_SECONDS: Final = 12 * 3600
"""Lifetime of a session: a working day."""
_PURPOSE: Final = b"phone-mfa codec session 1:"


class SharedTokenAuthenticator:
    """Authenticates holders of the token, who may only decode. ``clock``: seconds since the epoch."""

    def __init__(self, token: SecretStr, clock: Callable[[], float] = time.time) -> None:
        self._token, self._clock = token.get_secret_value().encode(), clock

    async def authenticate(self, given: Credentials) -> Reader:
        """Authenticate a request. Raises ``NotAuthenticatedError``."""
        if given.bearer is not None:
            proved, reason = self.is_token(given.bearer), "wrong_token"
        elif given.cookie is not None:
            proved, reason = self._is_session(given.cookie), "wrong_or_old_cookie"
        else:
            proved, reason = False, "no_token"
        if not proved:
            raise NotAuthenticatedError(reason)
        return Reader(WHO, frozenset({Role.DECODE}))

    def is_token(self, text: str) -> bool:
        """Whether this is the token, in constant time."""
        return hmac.compare_digest(text.encode(errors="replace"), self._token)

    def session(self) -> str:
        """Returns the value of a new session cookie, valid for ``SESSION_SECONDS``."""
        ends = str(int(self._clock()) + SESSION_SECONDS)
        return f"{ends}.{self._mac(ends)}"

    def _is_session(self, cookie: str) -> bool:
        ends, _, mac = cookie.partition(".")
        good = hmac.compare_digest(mac.encode(errors="replace"), self._mac(ends).encode())
        return good and self._clock() < int(ends)  # a valid MAC, so it is a number

    def _mac(self, ends: str) -> str:
        return hmac.digest(self._token, _PURPOSE + ends.encode(errors="replace"), "sha256").hex()
