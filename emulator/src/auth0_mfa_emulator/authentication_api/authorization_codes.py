"""The authorization code grant: a code of the hosted login page for tokens, once (RFC 6749, 4.1.3; RFC 7636)."""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.events import EventType
from auth0_mfa_emulator.tenant.refresh_tokens import forget_family
from auth0_mfa_emulator.tenant.sign_ins import MULTI_FACTOR, AuthorizationCode, AuthorizationRequest
from auth0_mfa_emulator.wire import optional_text, required_text

from .exchange import Exchange
from .token_issuer import issue


def authorization_code(exchange: Exchange) -> dict[str, object]:
    """Returns the tokens of a sign-in. The error for a code that is not valid, whatever the reason, is recorded."""
    value = required_text(exchange.given, "code")
    code = exchange.tenant.authorization_codes.get(value)
    try:
        live = _live(exchange, code)
        _check_redirect_uri(exchange, live.request)
        _check_verifier(exchange, live.request)
    except (errors.RefusedError, errors.UnsettledError):
        exchange.tenant.note("feacft", client_id=exchange.client.client_id)
        raise
    return redeemed(exchange, live, "seacft")


def redeemed(exchange: Exchange, code: AuthorizationCode, event: EventType) -> dict[str, object]:
    """Returns the tokens of a sign-in, whose code is spent."""
    user = exchange.tenant.users[code.login.user_id]
    exchange.refuse_blocked(user)
    code.used = True
    exchange.note(event, user)
    body = issue(exchange.emulator, code.login, with_mfa=code.with_mfa, identity=_identity(code))
    if "refresh_token" in body:
        code.refresh_tokens.append(str(body["refresh_token"]))
    return body


def _live(exchange: Exchange, code: AuthorizationCode | None) -> AuthorizationCode:
    ours = code and code.login.client_id == exchange.client.client_id
    if code and ours and code.used and exchange.tenant.settings.code_reuse_revokes_tokens:
        for token in code.refresh_tokens:
            if known := exchange.tenant.refresh_tokens.get(token):
                forget_family(exchange.tenant, known)
    if not code or not ours or code.used or code.expires_at <= exchange.tenant.clock.now():
        raise errors.invalid_grant("Invalid authorization code")
    return code


def _check_redirect_uri(exchange: Exchange, request: AuthorizationRequest) -> None:
    sent = optional_text(exchange.given, "redirect_uri")
    if sent is None and (exchange.tenant.settings.code_without_redirect_uri or not request.redirect_named):
        return
    if sent != request.redirect_uri:
        raise errors.unsettled("wrong_redirect_uri", sent=str(sent), expected=request.redirect_uri)


def _check_verifier(exchange: Exchange, request: AuthorizationRequest) -> None:
    verifier = optional_text(exchange.given, "code_verifier")
    if request.code_challenge is None:
        return
    if verifier is None:
        raise errors.unsettled("missing_code_verifier")
    if request.code_challenge_method == "S256":
        verifier = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not secrets.compare_digest(verifier.encode(), request.code_challenge.encode()):
        raise errors.unsettled("wrong_code_verifier")


def _identity(code: AuthorizationCode) -> dict[str, object]:
    """Returns the claims of a sign-in. MFA of an earlier sign-in in the session does not show (Auth0 docs)."""
    claims: dict[str, object] = {"sid": code.sid}
    if code.auth_time is not None:
        claims["auth_time"] = code.auth_time
    if code.request.nonce is not None:
        claims["nonce"] = code.request.nonce
    if code.passed_mfa_here:
        claims |= {"acr": MULTI_FACTOR, "amr": ["mfa"]}
    return claims
