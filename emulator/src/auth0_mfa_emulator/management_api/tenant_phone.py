"""Phone provider of the tenant, and whether the tenant has the unified phone experience, which uses it."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.tenant.settings import Settings

from .authorization import authorized, ok
from .pagination import View, selected

_CREATED = datetime(2024, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
_TWILIO = {"sid": "AC00000000000000000000000000000000", "default_from": "+15555550199"}


async def get_settings(request: Request) -> Response:
    """Return the settings of the tenant that concern phones, and its name."""
    settings = authorized(request, "read:tenant_settings").settings
    view: View = {
        "friendly_name": settings.friendly_name,
        "phone_consolidated_experience": settings.phone_consolidated_experience,
    }
    return ok(selected(request, view))


async def list_providers(request: Request) -> Response:
    """List the phone provider, of which a tenant has one at most."""
    settings = authorized(request, "read:phone_providers").settings
    return ok({"providers": [_provider(settings)] if settings.tenant_phone_provider else []})


def _provider(settings: Settings) -> View:
    own = _TWILIO if settings.tenant_phone_provider == "twilio" else {}
    return {
        "id": "pro_0000000000000000",
        "tenant": "emulator",
        "name": settings.tenant_phone_provider,
        "channel": "phone",
        "disabled": False,
        "configuration": {**own, "delivery_methods": ["text", "voice"]},
        "created_at": _CREATED,
        "updated_at": _CREATED,
    }
