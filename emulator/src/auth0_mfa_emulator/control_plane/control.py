"""The control plane: what a test, a demo or a curious person may do to the pretend tenant from outside.

Bad input is answered 400 with one sentence that names the field.
"""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import checked, read_form, read_object
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.events import DESCRIPTIONS, Event
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import answer

from .seed import Seed, SeedClient, SeedUser, plant, plant_client, plant_user, switch


async def health(_: Request) -> Response:
    """Whether the emulator is up."""
    return answer({"status": "ok"})


async def reset(request: Request) -> Response:
    """Forget everything but the signing key."""
    emulator_of(request).reset()
    return answer({"status": "ok"})


async def put_user(request: Request) -> Response:
    """Create or change a user."""
    given = await read_form(request, SeedUser, errors.control)
    return answer({"user_id": plant_user(emulator_of(request).tenant, given).id})


async def put_client(request: Request) -> Response:
    """Register or change an application."""
    given = await read_form(request, SeedClient, errors.control)
    return answer({"client_id": plant_client(emulator_of(request).tenant, given).client_id})


async def plant_seed(request: Request) -> Response:
    """Everything a seed file can hold, over the wire."""
    given, tenant = await read_form(request, Seed, errors.control), emulator_of(request).tenant
    checked(lambda: plant(tenant, given), errors.control)
    return answer({"users": len(given.users), "clients": len(given.clients)})


async def clear_blocks(request: Request) -> Response:
    """Forget every wrong password, and with them the blocks they led to."""
    emulator_of(request).tenant.failed_logins.clear()
    return answer({"status": "ok"})


async def logs(request: Request) -> Response:
    """The tenant log, oldest first; `type` and `user_id` keep only what has them."""
    wanted = {name: request.query_params[name] for name in ("type", "user_id") if name in request.query_params}
    events = emulator_of(request).tenant.log.events.values()
    return answer(
        [_line(event) for event in events if all(getattr(event, name) == value for name, value in wanted.items())]
    )


async def get_tenant(request: Request) -> Response:
    """The switches as they are."""
    return answer(_switches(emulator_of(request).tenant))


async def patch_tenant(request: Request) -> Response:
    """Change some switches; a member of a nested object may be changed alone."""
    patch, tenant = await read_object(request, errors.control), emulator_of(request).tenant
    checked(lambda: switch(tenant, patch), errors.control)
    return answer(_switches(tenant))


async def requests(request: Request) -> Response:
    """The newest calls that were neither to the control plane nor to the phone, in the order they arrived."""
    return answer([asdict(call) for call in emulator_of(request).request_log.calls])


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
