"""Reading of an authorization request: first what decides where errors go, then everything else.

A request with an unknown application or callback ends on a page; any other error goes to the callback.
"""

from dataclasses import replace

from auth0_mfa_emulator.authentication_api.bearer import is_audience
from auth0_mfa_emulator.tenant.clients import AUTHORIZATION_CODE, Client
from auth0_mfa_emulator.tenant.sign_ins import AuthorizationRequest, ResponseMode
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import Parameters, optional_text

from .responses import AuthorizationError, PageError, origin_of

_MODES: tuple[ResponseMode, ...] = ("query", "fragment", "form_post", "web_message")
_LONGEST_REQUEST = 16_384
"""Characters of all parameters, since they are kept while the user signs in. Auth0's limit is not established."""
_CHALLENGE_LENGTHS = range(43, 129)
"""Length of a code challenge (RFC 7636, 4.2)."""


def addressed(tenant: Tenant, given: Parameters, issuer: str) -> AuthorizationRequest:
    """Returns the request as far as it says where to respond. Raises PageError."""
    if sum(len(value) for value in given.values() if isinstance(value, str)) > _LONGEST_REQUEST:
        raise PageError(400, "invalid_request", "The authorization request is too long.")
    client = client_of(tenant, given)
    redirect_uri = _redirect_uri(client, given)
    return AuthorizationRequest(
        client_id=client.client_id,
        issuer=issuer,
        redirect_uri=redirect_uri,
        redirect_named=optional_text(given, "redirect_uri") is not None,
        response_mode=_response_mode(client, given, redirect_uri),
        state=optional_text(given, "state"),
    )


def completed(tenant: Tenant, asked: AuthorizationRequest, given: Parameters) -> AuthorizationRequest:
    """Returns the whole request. Raises AuthorizationError."""
    _check_kind(tenant, asked, given)
    method = _challenge_method(given)
    return replace(
        asked,
        audience=_audience(tenant, asked, given),
        scope=optional_text(given, "scope"),
        nonce=optional_text(given, "nonce"),
        prompts=_prompts(given),
        max_age=_max_age(given),
        login_hint=optional_text(given, "login_hint"),
        acr_values=optional_text(given, "acr_values"),
        code_challenge=optional_text(given, "code_challenge"),
        code_challenge_method=method,
    )


def client_of(tenant: Tenant, given: Parameters) -> Client:
    """Returns the application that `client_id` names. Raises PageError."""
    client_id = optional_text(given, "client_id")
    if client_id is None:
        raise PageError(400, "invalid_request", "Missing required parameter: client_id")
    client = tenant.clients.get(client_id)
    if not client:
        raise PageError(400, "invalid_request", f"Unknown client: {client_id}")
    return client


def _redirect_uri(client: Client, given: Parameters) -> str:
    redirect_uri = optional_text(given, "redirect_uri") or next(iter(client.callbacks), None)
    if redirect_uri is None:
        raise PageError(400, "invalid_request", "Missing required parameter: redirect_uri")
    if redirect_uri not in client.callbacks:
        raise PageError(
            403, "redirect_uri_mismatch", "The provided redirect_uri is not in the list of allowed callback URLs."
        )
    return redirect_uri


def _response_mode(client: Client, given: Parameters, redirect_uri: str) -> ResponseMode:
    wanted = optional_text(given, "response_mode") or "query"
    mode = next((mode for mode in _MODES if mode == wanted), None)
    if mode is None:
        raise PageError(400, "invalid_request", f"Unsupported response mode: {wanted}")
    origins = {origin_of(origin) for origin in client.web_origins}
    if mode == "web_message" and origin_of(redirect_uri) not in origins:
        told = f"The specified redirect_uri '{redirect_uri}' does not have a registered origin."
        raise PageError(403, "invalid_request", told)
    return mode


def _check_kind(tenant: Tenant, asked: AuthorizationRequest, given: Parameters) -> None:
    response_type = optional_text(given, "response_type")
    if response_type is None:
        raise AuthorizationError("invalid_request", "Missing required parameter: response_type")
    if response_type != "code":
        raise AuthorizationError("unsupported_response_type", f"Unsupported response type: {response_type}")
    if AUTHORIZATION_CODE not in tenant.clients[asked.client_id].grant_types:
        told = f"Grant type '{AUTHORIZATION_CODE}' not allowed for the client."
        raise AuthorizationError("unauthorized_client", told)
    if "organization" in given:
        raise AuthorizationError("invalid_request", "parameter organization is not allowed for this client")
    for name in ("request", "request_uri"):
        if name in given:
            raise AuthorizationError(f"{name}_not_supported", f"The emulator does not support {name}.")


def _prompts(given: Parameters) -> tuple[str, ...]:
    prompts = tuple((optional_text(given, "prompt") or "").split())
    if "none" in prompts and len(prompts) > 1:
        raise AuthorizationError("invalid_request", "prompt none cannot be combined with another")
    return prompts


def _max_age(given: Parameters) -> int | None:
    text = optional_text(given, "max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise AuthorizationError("invalid_request", "max_age must be a number of seconds")
    return int(text)


def _challenge_method(given: Parameters) -> str | None:
    challenge, method = optional_text(given, "code_challenge"), optional_text(given, "code_challenge_method")
    if challenge is None:
        if method is not None:
            raise AuthorizationError("invalid_request", "Missing required parameter: code_challenge")
        return None
    if method not in (None, "S256", "plain"):
        raise AuthorizationError("invalid_request", "code_challenge_method must be one of: S256, plain")
    if len(challenge) not in _CHALLENGE_LENGTHS:
        raise AuthorizationError("invalid_request", "code_challenge must have 43 to 128 characters")
    return method or "plain"


def _audience(tenant: Tenant, asked: AuthorizationRequest, given: Parameters) -> str | None:
    audience = optional_text(given, "audience")
    if audience is not None and not is_audience(tenant, audience, asked.issuer):
        raise AuthorizationError("access_denied", f"Service not found: {audience}")
    return audience
