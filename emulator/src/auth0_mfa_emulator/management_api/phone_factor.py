"""Provider and templates of the phone factor, under `phone` and under the older name `sms`.

Tenants with the unified phone experience forbid these calls (reference, addendum 6).
"""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.tenant.settings import PhoneProvider, PhoneTemplates, Template
from auth0_mfa_emulator.tenant.tenant import Tenant

from .authorization import authorized, ok


class SelectedProvider(Form):
    """The provider; every one delivers to the emulated phones."""

    provider: PhoneProvider


class NewTemplates(PhoneTemplates):
    """Both texts; neither can be left out."""

    enrollment_message: Template
    verification_message: Template


async def get_provider(request: Request) -> Response:
    """Return the selected provider."""
    return ok({"provider": _legacy(request, "read:guardian_factors").settings.phone_provider})


async def put_provider(request: Request) -> Response:
    """Select a provider."""
    tenant = _legacy(request, "update:guardian_factors")
    given = await read_form(request, SelectedProvider, errors.invalid_body)
    tenant.settings = tenant.settings.patched({"phone_provider": given.provider})
    return ok({"provider": given.provider})


async def get_templates(request: Request) -> Response:
    """Return the texts."""
    return ok(_legacy(request, "read:guardian_factors").settings.phone_templates.model_dump())


async def put_templates(request: Request) -> Response:
    """Replace the texts; the next message uses them."""
    tenant = _legacy(request, "update:guardian_factors")
    given = await read_form(request, NewTemplates, errors.invalid_body)
    tenant.settings = tenant.settings.patched({"phone_templates": given.model_dump()})
    return ok(tenant.settings.phone_templates.model_dump())


def _legacy(request: Request, scope: str) -> Tenant:
    tenant = authorized(request, scope)
    if tenant.settings.phone_consolidated_experience:
        raise errors.management(
            403,
            "Insufficient privileges to use this deprecated feature. "
            "To handle Phone Provider/Templates refer to Tenant Phone Settings",
        )
    return tenant
