"""The device authorization flow: `/oauth/device/code`, and the grant that asks for its tokens (RFC 8628).

Statuses and errors are documented (Auth0 docs, call your API using the device authorization flow).
"""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clients import DEVICE_CODE, Client
from auth0_mfa_emulator.tenant.device_codes import DeviceCode
from auth0_mfa_emulator.tenant.sign_ins import AuthorizationCode, AuthorizationRequest, new_token
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import JSON_UTF8, Parameters, answer, issuer, optional_text, parameters, required_text

from .authorization_codes import redeemed
from .bearer import is_audience
from .exchange import Exchange


async def authorize_device(request: Request) -> Response:
    """Return a device code for the application, which must not authenticate (auth0/ruby-auth0 #794)."""
    tenant, given = emulator_of(request).tenant, await parameters(request)
    client = _client(request, tenant, given)
    own, audience = issuer(request), optional_text(given, "audience")
    if audience and not is_audience(tenant, audience, own):
        raise errors.unsettled("device_audience", audience=audience)
    value, page = new_token(), f"{own}activate"
    scope, seconds = optional_text(given, "scope"), tenant.settings.device_code_seconds
    asked = AuthorizationRequest(client.client_id, own, page, audience=audience, scope=scope, device=value)
    code = DeviceCode(asked, tenant.clock.now() + seconds)
    tenant.keep(tenant.device_codes, value, code)
    body = {
        "device_code": value,
        "user_code": code.user_code,
        "verification_uri": page,
        "expires_in": seconds,
        "interval": tenant.settings.device_interval_seconds,
        "verification_uri_complete": f"{page}?user_code={code.user_code}",
    }
    return answer(body, content_type=JSON_UTF8)


def device_code(exchange: Exchange) -> dict[str, object]:
    """Returns the tokens once the user has signed in."""
    tenant, value = exchange.tenant, required_text(exchange.given, "device_code")
    device, now = tenant.device_codes.get(value), exchange.tenant.clock.now()
    if not device or device.request.client_id != exchange.client.client_id:
        raise _failed(exchange, errors.unsettled("unknown_device_code"))
    if device.expires_at <= now:
        tenant.device_codes.pop(value)  # told once, then unknown (Auth0 docs)
        raise _failed(exchange, errors.unsettled("expired_token", token="device_code"))
    seconds = tenant.settings.device_interval_seconds
    too_early = device.asked_at is not None and now - device.asked_at < seconds
    device.asked_at = now
    if too_early:
        told = f"You are polling faster than the specified interval of {seconds} seconds."
        raise errors.refused(429, "slow_down", told)
    if device.answer is None:
        raise errors.refused(403, "authorization_pending", "User has yet to authorize device code.")
    tenant.device_codes.pop(value)
    return redeemed(exchange, _authorized(exchange, device.answer), "sede")


def _authorized(exchange: Exchange, told: dict[str, str]) -> AuthorizationCode:
    code = exchange.tenant.authorization_codes.get(told.get("code", ""))
    if not code:
        description = told.get("error_description", "")
        raise _failed(exchange, errors.refused(403, "access_denied", description))
    return code


def _client(request: Request, tenant: Tenant, given: Parameters) -> Client:
    client = tenant.clients.get(required_text(given, "client_id"))
    if not client:
        raise errors.unsettled("invalid_client")
    if DEVICE_CODE not in client.grant_types:
        tenant.note("fdeaz", client_id=client.client_id)
        raise errors.grant_not_allowed(DEVICE_CODE)
    if {"client_secret", "client_assertion"} & given.keys() or "authorization" in request.headers:
        raise errors.unsettled("device_with_credentials")
    return client


def _failed(
    exchange: Exchange, refusal: errors.RefusedError | errors.UnsettledError
) -> errors.RefusedError | errors.UnsettledError:
    exchange.tenant.note("fede", client_id=exchange.client.client_id)
    return refusal
