"""`/mfa/authenticators`: list and remove authenticators (reference 2.6, 2.9)."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import JSON_UTF8, answer

from .bearer import bearer_session


async def list_authenticators(request: Request) -> Response:
    """List all authenticators, confirmed or not, in enrollment order."""
    tenant = emulator_of(request).tenant
    user, settings = (
        tenant.user_of(bearer_session(request, emulator_of(request), "read:authenticators")),
        tenant.settings,
    )
    listed = user.listed(with_email=settings.email_factor, with_type=settings.mfa_requirements)
    return answer(listed[::-1] if settings.newest_first else listed, content_type=JSON_UTF8)


async def remove_authenticator(request: Request) -> Response:
    """Remove an authenticator and its twin. Rejects an opaque mfa_token (reference 2.9)."""
    emulator = emulator_of(request)
    session = bearer_session(request, emulator, "remove:authenticators")
    if session.opaque:
        raise errors.invalid_bearer()
    user = emulator.tenant.user_of(session)
    found = user.named(request.path_params["authenticator_id"])
    if not found:
        raise errors.unsettled("unknown_authenticator")
    if found not in user.factors:
        raise errors.unsettled("undeletable")
    user.remove(found)
    emulator.tenant.note("gd_unenroll", user, session.login.client_id, authenticator=found.kind)
    return Response(status_code=204)
