"""The one reader of the embedded stack: whoever has the shared token, in a header or behind a cookie.

A cookie holds an end and a MAC of it under the token, never the token: what a browser keeps on disk opens nothing
else, and ends by itself.
"""

import hmac
import time
from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from .auth import (
    Credentials,
    NotProvedError,
    Reader,
    Role,
)

WHO: Final = "shared token"
SESSION_SECONDS: Final = 12 * 3600
"""A day's work."""
_PURPOSE: Final = b"phone-mfa codec session 1:"


class SharedToken:
    """The holders of one token, who may decode and nothing else. ``clock``: seconds since the epoch."""

    def __init__(self, token: SecretStr, clock: Callable[[], float] = time.time) -> None:
        self._token, self._clock = token.get_secret_value().encode(), clock

    async def reader(self, asked: Credentials) -> Reader:
        """Who asks. Raises ``NotProvedError``."""
        if asked.bearer is not None:
            proved, reason = self.is_token(asked.bearer), "wrong_token"
        elif asked.cookie is not None:
            proved, reason = self._is_session(asked.cookie), "wrong_or_old_cookie"
        else:
            proved, reason = False, "no_token"
        if not proved:
            raise NotProvedError(reason)
        return Reader(WHO, frozenset({Role.DECODE}))

    def is_token(self, text: str) -> bool:
        """Whether this is the token; takes as long when it is not."""
        return hmac.compare_digest(text.encode(errors="replace"), self._token)

    def session(self) -> str:
        """The value of a cookie that stands for the token, for a while."""
        ends = str(int(self._clock()) + SESSION_SECONDS)
        return f"{ends}.{self._mac(ends)}"

    def _is_session(self, cookie: str) -> bool:
        ends, _, mac = cookie.partition(".")
        good = hmac.compare_digest(mac.encode(errors="replace"), self._mac(ends).encode())
        return good and self._clock() < int(ends)  # it is ours, and so a number

    def _mac(self, ends: str) -> str:
        return hmac.digest(self._token, _PURPOSE + ends.encode(errors="replace"), "sha256").hex()
