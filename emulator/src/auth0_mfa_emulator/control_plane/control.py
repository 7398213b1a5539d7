"""The control plane: setup and inspection of the emulated tenant by tests, demos or people.

Invalid input returns 400 with one sentence that names the field.
"""

from dataclasses import asdict
from functools import cache

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import checked, read_form, read_object
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.events import DESCRIPTIONS, Event
from auth0_mfa_emulator.tenant.settings import Settings
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import answer

from .query import newest
from .seed import Seed, SeedClient, create_client, load, switch

_CLIENTS = TypeAdapter(list[Client])


async def health(_: Request) -> Response:
    """Report that the emulator is up."""
    return answer({"status": "ok"})


async def smtp(request: Request) -> Response:
    """Return the port of the SMTP listener, null without one."""
    return answer({"port": emulator_of(request).smtp_port})


async def reset(request: Request) -> Response:
    """Reset everything except the signing key."""
    emulator_of(request).reset()
    return answer({"status": "ok"})


async def put_client(request: Request) -> Response:
    """Register or change an application."""
    given = await read_form(request, SeedClient, errors.control)
    return answer({"client_id": create_client(emulator_of(request).tenant, given).client_id})


async def list_clients(request: Request) -> Response:
    """Return the applications with their secrets."""
    return answer(_CLIENTS.dump_python(list(emulator_of(request).tenant.clients.values()), mode="json"))


async def load_seed(request: Request) -> Response:
    """Load a seed, with everything a seed file can hold."""
    given, tenant = await read_form(request, Seed, errors.control), emulator_of(request).tenant
    checked(lambda: load(tenant, given), errors.control)
    return answer({"users": len(given.users), "clients": len(given.clients)})


async def clear_blocks(request: Request) -> Response:
    """Clear failed logins and the blocks they caused."""
    emulator_of(request).tenant.failed_logins.clear()
    return answer({"status": "ok"})


async def logs(request: Request) -> Response:
    """Return the tenant log, oldest first, filtered by `type` and `user_id`; with `last`, so many of the newest."""
    wanted = {name: request.query_params[name] for name in ("type", "user_id") if name in request.query_params}
    events = reversed(emulator_of(request).tenant.log.events.values())
    chosen = (event for event in events if all(getattr(event, name) == value for name, value in wanted.items()))
    return answer([_line(event) for event in newest(request, chosen)])


async def get_tenant(request: Request) -> Response:
    """Return the settings."""
    return answer(_switches(emulator_of(request).tenant))


async def get_tenant_schema(_: Request) -> Response:
    """Return the JSON Schema of the settings: types, defaults, and what each means."""
    return answer(_schema())


async def patch_tenant(request: Request) -> Response:
    """Change some settings; members of nested objects can be changed individually."""
    patch, tenant = await read_object(request, errors.control), emulator_of(request).tenant
    checked(lambda: switch(tenant, patch), errors.control)
    return answer(_switches(tenant))


async def requests(request: Request) -> Response:
    """Return the calls in order of arrival, except those to the control plane; with `last`, so many of the newest."""
    return answer([asdict(call) for call in newest(request, reversed(emulator_of(request).request_log.calls))])


@cache
def _schema() -> dict[str, object]:
    return Settings.model_json_schema()


def _switches(tenant: Tenant) -> dict[str, object]:
    return tenant.settings.model_dump() | {"mfa_grant": tenant.mfa_grant}


def _line(event: Event) -> dict[str, object]:
    return {
        "log_id": str(event.id),
        "date": iso(event.at),
        "type": event.type,
        "description": DESCRIPTIONS[event.type],
        "client_id": event.client_id,
        "user_id": event.user_id,
        "user_name": event.user_name,
        "details": event.details,
    }
