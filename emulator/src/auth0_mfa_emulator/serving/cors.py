"""Cross-origin resource sharing: which calls pages of other origins may make, and read the response of.

Pages for people, such as the enrollment page, the control plane and the phone page are not among them.
"""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from auth0_mfa_emulator.calls.call_view import CallView
from auth0_mfa_emulator.tenant.origins import allowed
from auth0_mfa_emulator.tenant.tenant import Tenant

_PATHS = {
    "/oauth/token": ("POST",),
    "/oauth/revoke": ("POST",),
    "/userinfo": ("GET", "POST"),
    "/mfa/associate": ("POST",),
    "/mfa/challenge": ("POST",),
    "/mfa/authenticators": ("GET", "DELETE"),
    "/api/v2": ("GET", "POST", "PUT", "PATCH", "DELETE"),
}
"""Methods by path; a path includes those below it."""
_DISCOVERY = "/.well-known"


def is_preflight(call: CallView) -> bool:
    """Whether a browser asks which calls it may make (Fetch standard, CORS-preflight request)."""
    return call.method == "OPTIONS" and "origin" in call.headers and "access-control-request-method" in call.headers


def shared(tenant: Tenant, app: ASGIApp, call: CallView) -> ASGIApp:
    """Wrap the app with the response to a preflight request and the headers that let the caller's page read it.

    A call of an origin that is not allowed is processed all the same: it is the browser that hides the response.
    """
    cors, path, origin = tenant.settings.cors, f"/{'/'.join(call.path.split('/')[1:3])}", call.headers.get("origin")
    if call.path.startswith(f"{_DISCOVERY}/"):
        return CORSMiddleware(app, ["*"], ("GET",)) if cors.open_discovery else app
    methods = _PATHS.get(path)
    if not methods:
        return app
    if origin is None or not allowed(tenant.clients.values(), call.members.get("client_id"), origin, cors):
        return CORSMiddleware(app, (), methods)
    return CORSMiddleware(
        app,
        allow_origins=(origin,),
        allow_methods=methods,
        allow_headers=["*"] if cors.allowed_headers is None else cors.allowed_headers,
        allow_credentials=cors.credentials,
        allow_private_network=True,
        expose_headers=cors.exposed_headers,
        max_age=cors.max_age_seconds,
    )
