"""HTTP transport for requests to a tenant: timeouts, limits, headers. No retries and no redirects."""

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import httpx
from pydantic import JsonValue, SecretStr

from .error_rules import Call
from .errors import (
    CertificateExpiredError,
    CertificateNameError,
    CertificateRejectedError,
    CertificateUntrustedError,
    InvalidResponseError,
    NoAnswerError,
    NoConnectionError,
    NotReachedError,
)
from .response import Reply

LONGEST_ANSWER_BYTES = 256 * 1024
"""Size limit of an answer in bytes, above any of Auth0's: a token is about 2 KiB, a user has at most some 50
authenticators."""

_NOT_REACHED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_CERTIFICATE_ERRORS: Mapping[int, type[CertificateRejectedError]] = {
    9: CertificateExpiredError,  # not yet valid
    10: CertificateExpiredError,
    18: CertificateUntrustedError,  # self-signed
    19: CertificateUntrustedError,  # self-signed authority
    20: CertificateUntrustedError,  # unknown authority
    21: CertificateUntrustedError,  # no chain to an authority
    62: CertificateNameError,
    64: CertificateNameError,  # another IP address
}
"""Errors by OpenSSL's verification code (``X509_V_ERR_*``, openssl-verification-options(1))."""

_HEADER_SAFE = re.compile(r"[\x21-\x7e]+", re.ASCII)


def _user_agent() -> str:
    try:
        return f"phone-mfa/{version('phone-mfa')}"
    except PackageNotFoundError:  # run from a checkout
        return "phone-mfa/0"


USER_AGENT = _user_agent()


def bearer(name: str, token: SecretStr) -> dict[str, str]:
    """Returns the Authorization header for a token; ``name`` is used in the error.

    Raises:
        ValueError: The token is not valid in a header.
    """
    if not _HEADER_SAFE.fullmatch(token.get_secret_value()):
        raise ValueError(f"{name} must be visible ASCII without spaces")
    return {"Authorization": f"Bearer {token.get_secret_value()}"}


class Transport:
    """Transport to one tenant.

    Args:
        http: Client for the requests; its cookies, redirects, credentials and default headers are not used.
        base_url: Without a trailing slash, from :func:`~phone_mfa.auth0.base_url_of`.
        timeout_seconds: Timeout of a call in seconds, from waiting for a connection to the last byte of the answer.
    """

    def __init__(self, http: httpx.AsyncClient, base_url: str, timeout_seconds: float) -> None:
        self._http = http
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        # Pool, TCP and TLS timeouts together are shorter than the call's: "not reached" is never "no answer".
        self._timeout = httpx.Timeout(timeout_seconds, connect=0.3 * timeout_seconds, pool=0.3 * timeout_seconds)

    async def send(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, JsonValue] | None = None,
    ) -> Reply:
        """Send one request; ``path`` starts with a slash and is percent-encoded.

        Raises:
            NotReachedError: The request certainly did not arrive. A subclass says what is wrong with a certificate.
            NoAnswerError: The request was sent, but no complete answer arrived in time.
            InvalidResponseError: The answer cannot be decoded as HTTP.
        """
        request = self._request(method, path, headers or {}, body)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(call, request)
        except _NOT_REACHED as error:
            raise _not_reached(error) from None
        except httpx.DecodingError:
            raise InvalidResponseError from None
        except (httpx.HTTPError, TimeoutError):
            raise NoAnswerError from None

    def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, JsonValue] | None
    ) -> httpx.Request:
        # Built here and not by the client, whose cookie jar would leak one user's session into another's request.
        # No compression, so that a small body cannot expand to a huge one.
        plain = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity", **headers}
        content = None
        if body is not None:
            plain["Content-Type"] = "application/json"
            content = json.dumps(body).encode("ascii")
        timeout = {"timeout": self._timeout.as_dict()}
        return httpx.Request(method, self._base_url + path, headers=plain, content=content, extensions=timeout)

    async def _exchange(self, call: Call, request: httpx.Request) -> Reply:
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            return Reply(call, response.status_code, response.headers, await _body_of(response))
        finally:
            await response.aclose()


def _not_reached(error: BaseException | None) -> NotReachedError:
    """Returns the error for a failed connection, which names what is wrong with the server's certificate."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return _CERTIFICATE_ERRORS.get(error.verify_code, CertificateUntrustedError)() if error else NoConnectionError()


async def _body_of(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            return None
    return bytes(body)
