"""Client authentication: secret in the body or by HTTP Basic, signed assertion, or none for public applications.

Every failure is the same 401, so a caller cannot learn which part was wrong.
"""

import base64
import json
import time
from urllib.parse import unquote

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.registry import HeaderParameter
from starlette.requests import Request

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.sessions import is_own
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tokens import Claims
from auth0_mfa_emulator.wire import Parameters, issuer, optional_text

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ("RS256", "RS384", "PS256")
"""Algorithms Auth0 accepts for private_key_jwt (Auth0 docs, application credentials)."""
_HEADERS = jws.JWSRegistry({"crit": HeaderParameter("Critical", "none")}, _ALGORITHMS, strict_check_header=False)
"""Headers with critical parameters are refused, other unknown parameters are ignored (RFC 7515, section 4)."""
_LEEWAY_SECONDS = 10


def authenticate(request: Request, tenant: Tenant, given: Parameters, *, basic: bool = True) -> Client:
    """Returns the application whose credentials the request carries; `basic` allows HTTP Basic."""
    client_id, secret = optional_text(given, "client_id"), optional_text(given, "client_secret")
    assertion = optional_text(given, "client_assertion")
    if assertion:
        return _by_assertion(request, tenant, given, assertion)
    if basic and request.headers.get("authorization", "").lower().startswith("basic "):
        client_id, secret = _basic(request.headers["authorization"])
    client = tenant.clients.get(client_id or "")
    if not client or not (client.public or (secret and secret == client.secret)):
        raise errors.unsettled("invalid_client")
    return client


def _basic(header: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(header[6:].strip(), validate=True).decode().partition(":")
    except ValueError:
        raise errors.unsettled("invalid_client") from None
    return unquote(name), unquote(secret)


def _by_assertion(request: Request, tenant: Tenant, given: Parameters, assertion: str) -> Client:
    if given.get("client_assertion_type") != ASSERTION_TYPE:
        raise errors.unsettled("invalid_client")
    claimed = _read(assertion, None).get("sub")
    client = tenant.clients.get(claimed) if isinstance(claimed, str) else None
    if not client or not client.public_key_pem:
        raise errors.unsettled("invalid_client")
    claims = _read(assertion, client.public_key_pem)
    if claims.get("iss") != client.client_id or given.get("client_id", client.client_id) != client.client_id:
        raise errors.unsettled("invalid_client")
    if not isinstance(claims.get("jti", ""), str):
        raise errors.unsettled("invalid_client")
    if not _meant_for(claims.get("aud"), issuer(request)) or not _current(claims.get("exp")):
        raise errors.unsettled("invalid_client")
    return client


def _read(assertion: str, public_key_pem: str | None) -> Claims:
    try:
        if public_key_pem is None:
            return dict(json.loads(jws.extract_compact(assertion.encode(), registry=_HEADERS).payload))
        return jwt.decode(assertion, RSAKey.import_key(public_key_pem), registry=_HEADERS).claims
    except (JoseError, ValueError, TypeError, RecursionError):  # RecursionError: a token of nothing but brackets
        raise errors.unsettled("invalid_client") from None


def _meant_for(audience: object, own: str) -> bool:
    audiences = audience if isinstance(audience, list) else [audience]
    return any(is_own(one, own, "") or is_own(one, own, "oauth/token") for one in audiences)


def _current(expiry: object) -> bool:
    # The caller signs by real time, which the tenant's clock may differ from, so compare with real time.
    return isinstance(expiry, int | float) and expiry > time.time() - _LEEWAY_SECONDS
