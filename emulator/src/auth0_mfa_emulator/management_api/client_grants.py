"""Grants that let applications call the Management API, the only API that the emulator issues machine tokens for."""

import hashlib
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.tenant.clients import CLIENT_CREDENTIALS, Client
from auth0_mfa_emulator.tenant.sessions import is_own
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import issuer

from .authorization import authorized, created, gone, ok
from .pagination import View, after_checkpoint, asks_for_checkpoint, listed, page_of

Scope = Annotated[str, Field(pattern=r"\A[a-z]+:[a-z_]+\z", max_length=100)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=500)]


class NewGrant(Form):
    """A grant for the Management API."""

    client_id: str
    audience: str
    scope: Scopes
    subject_type: Annotated[str, Field(pattern=r"\Aclient\z")] | None = None


class GrantPatch(Form):
    """Other scopes."""

    scope: Scopes


async def list_grants(request: Request) -> Response:
    """List grants, of one application if `client_id` names it: by page, or with `take` those after the id `from`."""
    tenant, page = authorized(request, "read:client_grants"), page_of(request, least=1)
    wanted, audience = request.query_params.get("client_id"), request.query_params.get("audience")
    granted = [client for client in tenant.clients.values() if client.management_scopes]
    views = [_view(request, client) for client in granted if wanted in (None, client.client_id)]
    views = [view for view in views if audience in (None, view["audience"])]
    if asks_for_checkpoint(request):
        entries, left = after_checkpoint(request, "id", views)
        return ok({"client_grants": entries, **left})
    return ok(listed(page, "client_grants", views[page.start : page.end], len(views)))


async def get_grant(request: Request) -> Response:
    """Return one grant."""
    client = _granted(request, authorized(request, "read:client_grants"))
    if not client:
        raise _inexistent()
    return ok(_view(request, client))


async def create_grant(request: Request) -> Response:
    """Grant an application scopes of the Management API."""
    tenant = authorized(request, "create:client_grants")
    given = await read_form(request, NewGrant, errors.invalid_body)
    client = tenant.clients.get(given.client_id)
    if not client:
        raise errors.management(404, "The client does not exist", code="inexistent_client")
    if not is_own(given.audience, issuer(request), "api/v2/"):
        raise errors.invalid_body("audience: The emulator has grants for the Management API only.")
    if client.management_scopes:
        raise errors.management(409, "A resource server with the same identifier already exists.")
    client.management_scopes = tuple(given.scope)
    if CLIENT_CREDENTIALS not in client.grant_types:
        client.grant_types = [*client.grant_types, CLIENT_CREDENTIALS]
    return created(_view(request, client))


async def patch_grant(request: Request) -> Response:
    """Replace the scopes of a grant; tokens issued before keep theirs."""
    client = _granted(request, authorized(request, "update:client_grants"))
    if not client:
        raise _inexistent()
    given = await read_form(request, GrantPatch, errors.invalid_body)
    client.management_scopes = tuple(given.scope)
    return ok(_view(request, client))


async def delete_grant(request: Request) -> Response:
    """Delete a grant; an unknown one is gone already (recorded)."""
    client = _granted(request, authorized(request, "delete:client_grants"))
    if client:
        client.management_scopes = ()
    return gone()


def _granted(request: Request, tenant: Tenant) -> Client | None:
    for client_id, client in tenant.clients.items():
        if client.management_scopes and _id(client) == request.path_params["grant_id"]:
            return tenant.clients[client_id]
    return None


def _inexistent() -> errors.RefusedError:
    return errors.management(404, "The grant does not exist.", "inexistent_client_grant")


def _view(request: Request, client: Client) -> View:
    audience, scope = f"{issuer(request)}api/v2/", list(client.management_scopes)
    grant: View = {"id": _id(client), "client_id": client.client_id, "audience": audience, "scope": scope}
    return grant | {"subject_type": "client"}


def _id(client: Client) -> str:
    return f"cgr_{hashlib.sha256(client.client_id.encode()).hexdigest()[:16]}"
