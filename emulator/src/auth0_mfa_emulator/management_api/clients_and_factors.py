"""Tenant-level Management API: applications' grants, factors, message types.

Responses follow Auth0's Management API v2, limited to the members relevant to MFA.
"""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.client_form import ClientForm
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.clients import DEVICE_CODE, Client
from auth0_mfa_emulator.tenant.tenant import Tenant

from .authorization import authorized, ok
from .pagination import View, after_checkpoint, asks_for_checkpoint, flag, listed, page_of, selected

FACTORS = {
    "sms": "phone_factor",
    "push-notification": "push_factor",
    "otp": "otp_factor",
    "email": "email_factor",
    "duo": None,
    "webauthn-roaming": None,
    "webauthn-platform": None,
    "recovery-code": "recovery_codes",
}
"""Factor names (Auth0 docs, put factors by name) and their settings; the phone factor is called sms."""


ClientName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\A[^<>]*\z")]


class ClientPatch(ClientForm):
    """The members of an application that can be changed."""

    name: ClientName | None = None


class FactorUpdate(Form):
    """Whether a factor is enabled."""

    enabled: bool


class MessageTypes(Form):
    """The channels of the phone factor."""

    message_types: list[Channel]


async def list_clients(request: Request) -> Response:
    """List applications by page, or with `take` those after `from`; `?fields=a,b` limits the members."""
    tenant, page = authorized(request, "read:clients"), page_of(request)
    views = [client_view(client) for client in tenant.clients.values() if _wanted(request, client)]
    if asks_for_checkpoint(request):
        entries, left = after_checkpoint(request, "client_id", views)
        return ok({"clients": _selected(request, entries), **left})
    return ok(listed(page, "clients", _selected(request, views[page.start : page.end]), len(views)))


def _wanted(request: Request, client: Client) -> bool:
    """Whether an application passes the filters `is_global`, `is_first_party` and `app_type`."""
    kinds = request.query_params.get("app_type")
    return (
        flag(request, "is_global") is not True
        and flag(request, "is_first_party") in (None, client.is_first_party)
        and (kinds is None or client.app_type in kinds.split(","))
    )


def _selected(request: Request, views: list[View]) -> list[View]:
    """Returns the members asked for; a list names the tenant whatever the fields (recorded)."""
    return [selected(request, view, always=("tenant",)) for view in views]


async def get_client(request: Request) -> Response:
    """Return one application."""
    return ok(selected(request, client_view(client_of(request, authorized(request, "read:clients")))))


async def patch_client(request: Request) -> Response:
    """Change an application."""
    client = client_of(request, authorized(request, "update:clients"))
    patch = await read_form(request, ClientPatch, errors.invalid_body)
    if not patch.model_fields_set:
        raise errors.invalid_body("The request body must have a member.")
    refuse_device_grant(patch, public=client.public)
    client.name = patch.name or client.name
    patch.apply(client)
    return ok(client_view(client))


async def list_factors(request: Request) -> Response:
    """List all factors and whether each is enabled."""
    settings = authorized(request, "read:guardian_factors").settings
    enabled = {name: bool(switch and getattr(settings, switch)) for name, switch in FACTORS.items()}
    return ok([{"name": name, "enabled": on, "trial_expired": False} for name, on in enabled.items()])


async def put_factor(request: Request) -> Response:
    """Enable or disable a factor; one the emulator does not support cannot be enabled."""
    tenant, name = authorized(request, "update:guardian_factors"), request.path_params["name"]
    if name not in FACTORS:
        raise errors.management(400, f"name must be one of: {', '.join(FACTORS)}", "invalid_uri")
    update, switch = await read_form(request, FactorUpdate, errors.invalid_body), FACTORS[name]
    if switch:
        tenant.settings = tenant.settings.patched({switch: update.enabled})
    elif update.enabled:
        raise errors.invalid_body(f"The emulator does not support the factor {name}.")
    return ok({"enabled": update.enabled})


async def get_message_types(request: Request) -> Response:
    """Return the channels of the phone factor."""
    return ok({"message_types": authorized(request, "read:guardian_factors").settings.channels})


async def put_message_types(request: Request) -> Response:
    """Set the channels of the phone factor."""
    tenant = authorized(request, "update:guardian_factors")
    update = await read_form(request, MessageTypes, errors.invalid_body)
    tenant.settings = tenant.settings.patched({"channels": update.message_types})
    return ok({"message_types": tenant.settings.channels})


def refuse_device_grant(given: ClientForm, *, public: bool) -> None:
    """Refuse the device code grant for an application with credentials (auth0/terraform-provider-auth0 #828)."""
    if DEVICE_CODE in (given.grant_types or ()) and not public:
        told = f'Application must have Token Endpoint Authentication Method set to "none" when {DEVICE_CODE} is enabled'
        raise errors.invalid_body(told)


def client_of(request: Request, tenant: Tenant) -> Client:
    """Returns the application that the path names. Raises 404."""
    client = tenant.clients.get(request.path_params["client_id"])
    if not client:
        raise errors.management(404, "The client does not exist", code="inexistent_client")
    return client


def client_view(client: Client) -> dict[str, object]:
    """Returns an application without its secret."""
    method = "none" if client.public else "client_secret_post" if client.secret else "private_key_jwt"
    return {
        "tenant": "emulator",
        "global": False,
        "name": client.name,
        "is_first_party": client.is_first_party,
        "callbacks": client.callbacks,
        "allowed_logout_urls": client.allowed_logout_urls,
        "allowed_origins": client.allowed_origins,
        "web_origins": client.web_origins,
        "client_id": client.client_id,
        "token_endpoint_auth_method": method,
        "refresh_token": client.refresh_rules.model_dump(),
        **({"app_type": client.app_type} if client.app_type else {}),
        "grant_types": client.grant_types,
    }
