"""MFA policies: `all-applications` is the setting `mfa_required`, an empty list clears it."""

from typing import Literal

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import checked
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import parse_json

from .authorization import authorized, ok

Policy = Literal["all-applications", "confidence-score"]
_POLICIES: TypeAdapter[list[Policy]] = TypeAdapter(list[Policy])


async def get_policies(request: Request) -> Response:
    """Return the policies."""
    return ok(_policies(authorized(request, "read:mfa_policies")))


async def put_policies(request: Request) -> Response:
    """Replace the policies; adaptive MFA is not emulated."""
    tenant = authorized(request, "update:mfa_policies")
    try:
        body = parse_json(await request.body() or b"null")
    except ValueError:
        raise errors.invalid_body("The request body must be a JSON array.") from None
    given = checked(lambda: _POLICIES.validate_python(body, strict=True), errors.invalid_body)
    if "confidence-score" in given:
        raise errors.invalid_body("The emulator does not support the policy confidence-score.")
    tenant.settings = tenant.settings.patched({"mfa_required": bool(given)})
    return ok(_policies(tenant))


def _policies(tenant: Tenant) -> list[str]:
    return ["all-applications"] if tenant.settings.mfa_required else []
