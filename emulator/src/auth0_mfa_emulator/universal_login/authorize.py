"""`/authorize`: starts a sign-in, or answers at once from the browser's session."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import Parameters, issuer, parameters

from . import cookies
from .authorization_request import addressed, completed
from .responses import AuthorizationError, PageError, error_page, responded
from .sign_in_flow import advance, answered_silently, begun


async def authorize(request: Request) -> Response:
    """Respond to an authorization request by query or form."""
    given: Parameters = dict(request.query_params) if request.method == "GET" else await parameters(request)
    tenant = emulator_of(request).tenant
    try:
        asked = addressed(tenant, given, issuer(request))
    except PageError as problem:
        return error_page(problem)
    silent = str(given.get("prompt")).split() == ["none"]
    try:
        asked = completed(tenant, asked, given)
        sign_in = begun(request, asked)
        if silent:
            return answered_silently(request, sign_in)
    except AuthorizationError as problem:
        tenant.note("fsa" if silent else "f", client_id=asked.client_id, error=problem.error)
        return responded(request, asked, {"error": problem.error, "error_description": problem.description})
    tenant.keep(tenant.sign_ins, sign_in.id, sign_in)
    response = advance(request, sign_in)
    cookies.put(request, response, "did", sign_in.browser, tenant.settings.session_seconds)
    return response
