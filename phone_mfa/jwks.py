"""Cache of a token issuer's public keys, with a limit on how often they are fetched.

Fetched again after ``REFRESH_AFTER`` seconds, or when a token names an unknown key; but not more often than every
``MIN_FETCH_INTERVAL`` seconds, successful or not. While the issuer is down, cached keys stay valid for
``INVALID_AFTER`` seconds.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

FETCH_TIMEOUT: Final = 3.0
MIN_FETCH_INTERVAL: Final = 15.0
REFRESH_AFTER: Final = 10 * 60.0
INVALID_AFTER: Final = 60 * 60.0
"""In seconds: timeout of a fetch; minimum time between fetches; age for a refresh; age at which keys become invalid."""
MAX_KEY_SET_BYTES: Final = 256 * 1024
"""Maximum size of a key set in bytes; usually it has a few thousand."""

_log = structlog.get_logger("jwks")


class IssuerDownError(Exception):
    """Tokens cannot be checked because the issuer's keys are unavailable. ``retry_after``: in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class IssuerKeys:
    """The keys at one address. ``clock``: monotonic, in seconds."""

    def __init__(self, http: httpx.AsyncClient, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._http, self._address, self._clock = http, address, clock
        self._keys: dict[str, Key] = {}
        self._fetched_at = self._attempted_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> Key | None:
        """Returns the key with that id; None if the issuer has none. Raises ``IssuerDownError``."""
        if self._age(self._fetched_at) < REFRESH_AFTER and kid in self._keys:
            return self._keys[kid]
        async with self._lock:
            if self._age(self._attempted_at) >= MIN_FETCH_INTERVAL:
                await self._fetch()
            return self._known(kid)

    def _known(self, kid: str) -> Key | None:
        failing = self._fetched_at < self._attempted_at
        if self._age(self._fetched_at) >= INVALID_AFTER or (failing and kid not in self._keys):
            raise IssuerDownError(retry_after=max(1, round(MIN_FETCH_INTERVAL - self._age(self._attempted_at))))
        return self._keys.get(kid)

    async def _fetch(self) -> None:
        self._attempted_at = self._clock()
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                self._keys = _signing_keys(await self._read())
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError) as error:
            _log.warning("jwks.not_fetched", reason=type(error).__name__)
        else:
            self._fetched_at = self._attempted_at

    async def _read(self) -> bytes:
        body = b""
        async with self._http.stream("GET", self._address, headers={"Accept": "application/json"}) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_KEY_SET_BYTES:
                    raise ValueError("too long for a set of keys")
        return body

    def _age(self, since: float) -> float:
        return self._clock() - since


def _signing_keys(body: bytes) -> dict[str, Key]:
    read = json.loads(body)
    listed = read.get("keys") if isinstance(read, dict) else None
    keys = [key for jwk in listed if (key := _usable(jwk))] if isinstance(listed, list) else []
    if not keys:
        raise ValueError("no set of keys")
    return {key.kid: key for key in keys if key.kid and key.get("use") in (None, "sig")}


def _usable(jwk: Any) -> Key | None:
    """Returns the key, or None if it is broken or of an unknown type: that does not affect the others."""
    try:
        return JWKRegistry.import_key(jwk)
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return None
