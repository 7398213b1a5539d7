"""Creation and deletion of applications, with the members that matter to MFA; a secret is shown once, at creation."""

import secrets
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.client_form import ClientForm
from auth0_mfa_emulator.forms import read_form
from auth0_mfa_emulator.tenant.authenticators import ALPHANUMERIC, random_text
from auth0_mfa_emulator.tenant.clients import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, REFRESH_TOKEN, Client

from .authorization import authorized, created, gone
from .clients_and_factors import ClientName, client_view, refuse_device_grant

DEFAULT_GRANTS = (AUTHORIZATION_CODE, "implicit", REFRESH_TOKEN, CLIENT_CREDENTIALS)
"""Grants of an application created without any (recorded)."""


class NewClient(ClientForm):
    """An application to create; with the method `none` it has no secret."""

    name: ClientName
    description: Annotated[str, Field(max_length=140)] | None = None
    token_endpoint_auth_method: Literal["none", "client_secret_post", "client_secret_basic"] | None = None
    oidc_conformant: bool | None = None


async def create_client(request: Request) -> Response:
    """Create an application."""
    tenant = authorized(request, "create:clients")
    given = await read_form(request, NewClient, errors.invalid_body)
    public = given.token_endpoint_auth_method == "none"
    refuse_device_grant(given, public=public)
    client = Client(random_text(ALPHANUMERIC, 32), given.name, None if public else secrets.token_urlsafe(48))
    client.grant_types = list(DEFAULT_GRANTS)
    given.apply(client)
    tenant.clients[client.client_id] = client
    return created(client_view(client) | ({} if public else {"client_secret": client.secret}))


async def delete_client(request: Request) -> Response:
    """Delete an application; an unknown one is gone already."""
    tenant = authorized(request, "delete:clients")
    tenant.clients.pop(request.path_params["client_id"], None)
    return gone()
