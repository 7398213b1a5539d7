"""Issues the tokens of a completed login: access token, id token, refresh token."""

import secrets
from collections.abc import Mapping
from typing import Literal

from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.tenant.refresh_tokens import remember
from auth0_mfa_emulator.tenant.sessions import Login, Session, is_own

from .user_claims import claims_of

_ID_TOKEN_SECONDS = 36_000
"""Lifetime of an id token (Auth0 docs, id token default)."""


def issue(
    emulator: Emulator,
    login: Login,
    *,
    with_mfa: bool,
    refreshable: bool = True,
    renewed: str | None = None,
    identity: Mapping[str, object] | None = None,
    gty: Literal["password", "refresh_token"] | None = None,
) -> dict[str, object]:
    """Returns the token response, members in the order that tenants send; the caller appends `recovery_code`.

    It carries the refresh token `renewed`, if any, or a new one, which remembers `with_mfa`, if the login is
    `refreshable` and asks for one. `identity` holds claims of the id token besides those every one has; None means
    those of a login without a browser. `gty` is the claim of access tokens that only these two grants have (Auth0 docs,
    access token profiles).
    """
    body: dict[str, object] = {"access_token": _access_token(emulator, login, gty)}
    if refreshable and "offline_access" in login.scopes:
        client = emulator.tenant.clients[login.client_id]
        renewed = remember(emulator.tenant, client, login, with_mfa=with_mfa, session=_session(identity or {}))
    if renewed:
        body["refresh_token"] = renewed
    if "openid" in login.scopes:
        body["id_token"] = _id_token(
            emulator, login, ({"amr": ["mfa"]} if with_mfa else {}) if identity is None else identity
        )
    return body | _told_scope(emulator, login) | {"expires_in": _lifetime(emulator, login), "token_type": "Bearer"}


def _session(identity: Mapping[str, object]) -> Session:
    """Returns the claims that the id tokens of later exchanges repeat (OpenID Connect Core, 12.2)."""
    kept = ("sid", "auth_time")
    return {name: value for name, value in identity.items() if name in kept and isinstance(value, str | int)}


def machine_token(emulator: Emulator, client_id: str, issuer: str, audience: str, scope: str) -> dict[str, object]:
    """Returns the token response of the client credentials grant."""
    seconds = emulator.tenant.settings.access_token_seconds
    claims = _claims(emulator, issuer, f"{client_id}@clients", audience, seconds)
    token = emulator.signer.sign(claims | {"scope": scope, "gty": "client-credentials", "azp": client_id})
    return {"access_token": token, **({"scope": scope} if scope else {}), "expires_in": seconds, "token_type": "Bearer"}


def _access_token(emulator: Emulator, login: Login, gty: str | None) -> str:
    """Returns a JWT for the requested audience, and for the tenant's userinfo."""
    claims = _claims(emulator, login.issuer, login.user_id, _audience(emulator, login), _lifetime(emulator, login))
    claims |= {"scope": login.scope, **({"gty": gty} if gty else {}), "azp": login.client_id}
    # Tokens issued in the same second must differ: a token also identifies its MFA session.
    return emulator.signer.sign(claims | {"jti": secrets.token_urlsafe(16)})


def _audience(emulator: Emulator, login: Login) -> str | list[str]:
    """Returns the audiences: with `openid`, a token for an API is for userinfo as well (Auth0 docs, access tokens)."""
    own = f"{login.issuer}userinfo"
    if login.audience is None or is_own(login.audience, login.issuer, "userinfo"):
        return own
    alone = login.for_mfa and not emulator.tenant.settings.userinfo_with_mfa_audience
    return login.audience if alone or "openid" not in login.scopes else [login.audience, own]


def _told_scope(emulator: Emulator, login: Login) -> dict[str, str]:
    """Returns the member `scope`, unless the tenant leaves it out."""
    match emulator.tenant.settings.scope_in_answers:
        case "granted":
            told = True
        case "nonempty":
            told = bool(login.scope)
        case "changed":
            told = login.requested != login.scope
    return {"scope": login.scope} if told else {}


def _lifetime(emulator: Emulator, login: Login) -> int:
    """Returns the lifetime of an access token in seconds; a real tenant cannot configure the MFA API's (Auth0 docs)."""
    settings = emulator.tenant.settings
    return settings.mfa_access_token_seconds if login.for_mfa else settings.access_token_seconds


def _id_token(emulator: Emulator, login: Login, identity: Mapping[str, object]) -> str:
    claims = _claims(emulator, login.issuer, login.user_id, login.client_id, _ID_TOKEN_SECONDS)
    claims |= claims_of(emulator.tenant.users[login.user_id], login.scopes)
    return emulator.signer.sign(claims | dict(identity))


def _claims(
    emulator: Emulator, issuer: str, subject: str, audience: str | list[str], seconds: int
) -> dict[str, object]:
    """Returns the claims that every token starts with."""
    now = int(emulator.tenant.clock.now())
    return {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + seconds}
