"""Refresh tokens: lifetimes, rotation with detection of reuse, and revocation (Auth0 docs, refresh tokens).

Auth0 keeps at most 200 per user and application, which is not emulated.
"""

import secrets
from dataclasses import replace

from .clients import Client
from .sessions import Login, RefreshToken, Session
from .tenant import Tenant


def remember(tenant: Tenant, client: Client, login: Login, *, with_mfa: bool, session: Session | None = None) -> str:
    """Store a new refresh token, the first of its family. Returns it."""
    rules, now = client.refresh_rules, tenant.clock.now()
    return _stored(tenant, RefreshToken(login, with_mfa, rules.rotating, rules.expiry(now), now, session or {}))


def usable(tenant: Tenant, client: Client, token: str) -> RefreshToken | None:
    """Returns what the token stands for; None if it is unknown, expired, another application's or replaced.

    Use of a replaced token revokes its family, except for the newest of those within the leeway.
    """
    known = tenant.refresh_tokens.get(token)
    if not known or known.login.client_id != client.client_id or _expired(known, client, tenant.clock.now()):
        tenant.note("fertft", tenant.users.get(known.login.user_id) if known else None, client.client_id)
        return None
    if known.replaced_at is None or _in_leeway(known, client, tenant.clock.now()):
        return known
    tenant.note("ferrt", tenant.users.get(known.login.user_id), client.client_id)
    forget_family(tenant, known)
    return None


def forget_family(tenant: Tenant, known: RefreshToken) -> None:
    """Forget a token with all that it was rotated from and into."""
    tenant.refresh_tokens.remove_all(
        [one for one, other in tenant.refresh_tokens.items() if other.family == known.family]
    )


def exchanged(tenant: Tenant, client: Client, token: str, known: RefreshToken) -> str | None:
    """Note the successful exchange of a usable token. Returns the refresh token that the response carries."""
    rules, now = client.refresh_rules, tenant.clock.now()
    known.last_used = now
    if known.expires_at is None:
        known.expires_at = rules.expiry(now)
    if rules.rotating and known.rotating:
        return _rotated(tenant, token, known)
    if rules.rotating or known.rotating:
        return _migrated(tenant, known)
    return token if tenant.settings.refresh_token_in_answers == "always" else None


def revoke(tenant: Tenant, token: str, known: RefreshToken) -> None:
    """Revoke a token, and with it all of its user, application and audience if revocation deletes the grant."""
    revoked = [token]
    if tenant.settings.revocation_deletes_grant:
        revoked = [one for one, other in tenant.refresh_tokens.items() if _grant(other.login) == _grant(known.login)]
    tenant.refresh_tokens.remove_all(revoked)
    tenant.note("srrt", tenant.users.get(known.login.user_id), known.login.client_id)


def _expired(known: RefreshToken, client: Client, now: float) -> bool:
    ended = known.expires_at is not None and now >= known.expires_at
    return ended or client.refresh_rules.idle(known.last_used, now)


def _in_leeway(known: RefreshToken, client: Client, now: float) -> bool:
    newest = known.replaced_at is not None and not known.retired
    return newest and now < (known.replaced_at or 0.0) + client.refresh_rules.leeway


def _rotated(tenant: Tenant, token: str, known: RefreshToken) -> str:
    now = tenant.clock.now()
    if known.replaced_at is None:
        known.replaced_at = now
    before = tenant.refresh_tokens.get(known.previous or "")
    if before:
        before.retired = True  # only the newest of the replaced tokens has a leeway
    # The lifetime does not extend when tokens are rotated (Auth0 docs, configure refresh token rotation).
    return _stored(tenant, replace(known, last_used=now, replaced_at=None, retired=False, previous=token))


def _migrated(tenant: Tenant, known: RefreshToken) -> str:
    """Replace a token issued before rotation was enabled or disabled, and revoke the others of its kind."""
    tenant.refresh_tokens.remove_all([one for one, other in tenant.refresh_tokens.items() if _of_a_kind(other, known)])
    now, kept = tenant.clock.now(), known.session
    successor = RefreshToken(known.login, known.with_mfa, not known.rotating, known.expires_at, now, kept)
    return _stored(tenant, successor)


def _of_a_kind(other: RefreshToken, known: RefreshToken) -> bool:
    return other.rotating == known.rotating and _grant(other.login) == _grant(known.login)


def _grant(login: Login) -> tuple[str, str, str | None]:
    return login.user_id, login.client_id, login.audience


def _stored(tenant: Tenant, refresh: RefreshToken) -> str:
    token = f"v1.{secrets.token_urlsafe(42)}"
    tenant.remember(token, refresh)
    return token
