"""OpenID Connect client: sends browsers to Auth0's login page, and exchanges the code that they bring back.

For the gateway and the command (RFC 6749, OpenID Connect Core 1.0, RFC 7636, RFC 9207). It knows neither flows nor how
the browser comes back.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

import httpx
from authlib.oauth2 import OAuth2Client
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter
from pydantic import SecretStr

from .auth0 import (
    MFA_SCOPES,
    Auth0,
    Auth0Error,
    Credentials,
    InvalidResponseError,
    RateLimitedError,
    RefusedError,
    Tokens,
    discover,
)
from .jwks import IssuerDownError, IssuerKeys
from .login_hint import is_login_hint

SCOPES: Final = ("openid", "email", *MFA_SCOPES)
"""What a login asks for: who the user is, and the MFA API's scopes."""

ALGORITHM: Final = "RS256"
"""The signature of id tokens. HS256 is refused: its key is the client secret."""
LEEWAY_SECONDS: Final = 60
"""Tolerated clock difference to Auth0, in seconds."""
MAX_AGE_SECONDS: Final = 900
"""How old a login may be, in seconds, if nothing else is set."""
METADATA_SECONDS: Final = 3600
"""How long the tenant's metadata is used before it is fetched again, in seconds."""

_HEADERS: Final = jws.JWSRegistry({"crit": HeaderParameter("Critical", "none")}, [ALGORITHM], strict_check_header=False)
"""Headers with critical parameters are refused, other unknown parameters are ignored (RFC 7515, section 4)."""


class LoginError(Exception):
    """A login cannot be used. ``reason``: one word for the log and the metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LoginUnavailableError(Exception):
    """Auth0 does not answer, or answers nonsense."""


class _OtherTenantError(Exception):
    """The metadata is of another tenant, or names endpoints elsewhere."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a login needs of the tenant's metadata (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """The application and what a login must be like.

    ``max_age``: how old a login may be, in seconds. ``user_claim``: the claim that names the user: ``sub``, or
    ``email``, which must be verified. ``organization``: the organization that users log in to, by its id.
    """

    base_url: str
    credentials: Credentials
    redirect_uri: str
    max_age: int = MAX_AGE_SECONDS
    user_claim: str = "sub"
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What ties a login to the browser or the command that began it: random values, which nobody else has."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Returns new random values."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that has been checked.

    ``user``: who the user is, by the configured claim. ``email``: the user's address, if Auth0 tells it.
    """

    user: str
    access_token: SecretStr
    email: str | None


class OpenIdClient:
    """Our application in the tenant. ``http``: the caller closes it. ``clock``: seconds since 1970."""

    def __init__(
        self, http: httpx.AsyncClient, settings: OpenIdSettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._http, self.settings, self._clock = http, settings, clock
        self._auth0 = Auth0(http, base_url=settings.base_url, credentials=settings.credentials)
        self._metadata: Metadata | None = None
        self._keys: IssuerKeys | None = None
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def url(
        self, challenge: Challenge, *, hint: str | None = None, prompt: Literal["login", "none"] | None = None
    ) -> str:
        """Returns the address of Auth0's login page.

        ``hint``: fills in the user's name. ``prompt``: ``login`` asks for a login even if somebody is logged in, and
        ``none`` comes back at once without a page.

        Raises ``LoginUnavailableError``.
        """
        metadata, settings = await self._discovered(), self.settings
        client = OAuth2Client(
            None,
            settings.credentials.client_id,
            scope=" ".join(SCOPES),
            redirect_uri=settings.redirect_uri,
            code_challenge_method="S256",
        )
        more: dict[str, str] = {"prompt": prompt} if prompt else {}
        more |= {"login_hint": hint} if hint else {}
        more |= {"organization": settings.organization} if settings.organization else {}
        address, _ = client.create_authorization_url(
            metadata.authorization_endpoint,
            state=challenge.state,
            code_verifier=challenge.verifier,
            nonce=challenge.nonce,
            audience=self._auth0.mfa_audience,
            max_age=settings.max_age,
            **more,
        )
        return str(address)

    async def exchanged(self, code: str, issuer: str | None, challenge: Challenge) -> LoggedIn:
        """Exchange the code of a login. ``issuer``: the ``iss`` that came with it, if any (RFC 9207).

        Raises ``LoginError`` and ``LoginUnavailableError``.
        """
        metadata = await self._discovered()
        if issuer is not None and issuer != metadata.issuer:
            raise LoginError("other_issuer")
        tokens = await self._tokens(code, challenge)
        if tokens.id_token is None:
            raise LoginError("tokens_missing")
        claims = await self._claims(metadata, tokens.id_token.get_secret_value(), challenge.nonce)
        if not tokens.may_enroll:
            raise LoginError("scope_missing")
        email = claims.get("email")
        return LoggedIn(self._user(claims), tokens.access_token, email if is_login_hint(email) else None)

    async def _tokens(self, code: str, challenge: Challenge) -> Tokens:
        verifier, redirect_uri = SecretStr(challenge.verifier), self.settings.redirect_uri
        try:
            return await self._auth0.exchange_code(SecretStr(code), redirect_uri=redirect_uri, code_verifier=verifier)
        except InvalidResponseError:
            raise LoginError("tokens_missing") from None
        except RateLimitedError:
            raise LoginUnavailableError from None
        except RefusedError:
            raise LoginError("code_refused") from None
        except Auth0Error:
            raise LoginUnavailableError from None

    async def _claims(self, metadata: Metadata, id_token: str, nonce: str) -> Mapping[str, Any]:
        try:
            header = jws.extract_compact(id_token.encode(), registry=_HEADERS).headers()
            kid = header.get("kid")
            key = await self._issuer_keys(metadata).key(kid) if isinstance(kid, str) else None
            if key is None:
                raise LoginError("unknown_key")
            claims = jwt.decode(id_token, key, registry=_HEADERS).claims
            self._rules(metadata).validate(claims)
        except IssuerDownError:
            raise LoginUnavailableError from None
        except (JoseError, ValueError, TypeError, RecursionError):
            raise LoginError("id_token_invalid") from None
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise LoginError("other_nonce")
        self._refuse_old(claims)
        self._refuse_other_party(claims)
        return claims

    def _rules(self, metadata: Metadata) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self.settings.credentials.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def _refuse_old(self, claims: Mapping[str, Any]) -> None:
        """Refuse a login of long ago: a browser that somebody left open proves nothing."""
        at = claims.get("auth_time")
        if not isinstance(at, int | float) or at + self.settings.max_age + LEEWAY_SECONDS < self._clock():
            raise LoginError("login_too_old")

    def _refuse_other_party(self, claims: Mapping[str, Any]) -> None:
        """Refuse tokens for several audiences, and logins to another organization (OpenID Connect Core, 3.1.3.7)."""
        if claims.get("azp", self.settings.credentials.client_id) != self.settings.credentials.client_id:
            raise LoginError("other_application")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1:
            raise LoginError("other_application")
        if self.settings.organization and claims.get("org_id") != self.settings.organization:
            raise LoginError("other_organization")

    def _user(self, claims: Mapping[str, Any]) -> str:
        user = claims.get(self.settings.user_claim)
        if self.settings.user_claim == "email" and claims.get("email_verified") is not True:
            raise LoginError("email_not_verified")
        if not isinstance(user, str) or not user:
            raise LoginError("user_unknown")
        return user

    def _issuer_keys(self, metadata: Metadata) -> IssuerKeys:
        if self._keys is None:
            self._keys = IssuerKeys(self._http, metadata.jwks_uri)
        return self._keys

    async def _discovered(self) -> Metadata:
        async with self._lock:
            if self._metadata is None or self._clock() >= self._fetched_at + METADATA_SECONDS:
                try:
                    self._metadata = await self._fetched()
                    self._fetched_at = self._clock()
                except (Auth0Error, _OtherTenantError):
                    if self._metadata is None:
                        raise LoginUnavailableError from None
        return self._metadata

    async def _fetched(self) -> Metadata:
        found, own = await discover(self._http, self.settings.base_url), f"{self.settings.base_url}/"
        authorize, keys = found.authorization_endpoint or "", found.jwks_uri or ""
        endpoints = (authorize, found.token_endpoint, keys)
        if found.issuer != own or not all(endpoint.startswith(own) for endpoint in endpoints):
            raise _OtherTenantError
        return Metadata(found.issuer, authorize, keys)
