"""Logout: `/v2/logout`, and `/oidc/logout` (OpenID Connect RP-Initiated Logout 1.0). Both end the browser's session."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.sign_ins import BrowserSession
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tokens import Claims
from auth0_mfa_emulator.wire import Parameters, optional_text, parameters

from . import cookies, pages
from .authorization_request import client_of
from .responses import PageError, error_page, redirect

_VISIBLE = re.compile(r"[!-~]+")
"""What an address in a header can consist of."""
_OIDC = ("id_token_hint", "logout_hint", "post_logout_redirect_uri", "client_id", "state", "federated", "ui_locales")


async def logout(request: Request) -> Response:
    """End the session and return to `returnTo`, or else to the application's first logout URL. `federated` is ignored,
    since there is no other identity provider.
    """
    given: Parameters = dict(request.query_params)
    try:
        target = _target(request, given, "returnTo")
    except PageError as problem:
        return _refused(request, problem)
    return _ended(request, target)


async def oidc_logout(request: Request) -> Response:
    """End the session that the hints name; ask first if they do not name the browser's own."""
    given: Parameters = dict(request.query_params)
    if request.method == "POST":
        given = given | await parameters(request)
    try:
        hint = _hint(request, given)
        target = _target(request, given, "post_logout_redirect_uri")
    except PageError as problem:
        return _refused(request, problem)
    tenant = emulator_of(request).tenant
    session = tenant.browser_sessions.get(cookies.read(request, "auth0"))
    state = optional_text(given, "state")
    if target and state is not None:
        target += f"{'&' if '?' in target else '?'}state={quote(state, safe='')}"
    if not session or session.id in (hint, given.get("confirmed")) or not tenant.settings.logout_confirmation:
        return _ended(request, target)
    return _question(tenant, given, session)


def _question(tenant: Tenant, given: Parameters, session: BrowserSession) -> Response:
    """Ask. The `sid` in the answer shows that the user saw the question: no other site knows it."""
    values = {name: value for name in _OIDC if (value := optional_text(given, name)) is not None}
    return pages.logout_confirmation(tenant.settings.friendly_name, values | {"confirmed": session.id})


def _hint(request: Request, given: Parameters) -> str | None:
    """Returns the `sid` that the request names. Raises PageError if its parts contradict each other."""
    token, hint = optional_text(given, "id_token_hint"), optional_text(given, "logout_hint")
    if token is None:
        return hint
    claims = _claims(request, token)
    if not claims:
        raise PageError(400, "invalid_request", "The id_token_hint is not an id token of this tenant.")
    if hint is not None and hint != claims.get("sid", hint):
        raise PageError(400, "invalid_request", "The logout_hint does not match the id_token_hint.")
    if optional_text(given, "client_id") not in (None, claims.get("aud")):
        raise PageError(400, "invalid_request", "The client_id does not match the id_token_hint.")
    given["client_id"] = claims["aud"]
    return str(claims.get("sid", hint or ""))


def _claims(request: Request, token: str) -> Claims | None:
    """Returns the claims of an id token of this tenant, expired or not; an access token is for no application."""
    emulator = emulator_of(request)
    claims = emulator.signer.verify(token)
    audience = claims.get("aud") if claims else None
    return claims if isinstance(audience, str) and audience in emulator.tenant.clients else None


def _target(request: Request, given: Parameters, name: str) -> str | None:
    tenant, wanted = emulator_of(request).tenant, optional_text(given, name)
    named = optional_text(given, "client_id") is not None
    allowed = client_of(tenant, given).allowed_logout_urls if named else tenant.settings.allowed_logout_urls
    if wanted is None:
        return allowed[0] if named and allowed else None
    if not _VISIBLE.fullmatch(wanted) or _comparable(wanted) not in map(_comparable, allowed):
        told = f'The "{name}" querystring parameter "{wanted}" is not defined as a valid URL in "Allowed Logout URLs"'
        raise PageError(400, "invalid_request", told)
    return wanted


def _comparable(url: str) -> str:
    """Returns a URL as compared: without query and fragment, scheme and host in lower case (Auth0 docs)."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address
        return ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, "", ""))


def _ended(request: Request, target: str | None) -> Response:
    tenant, token = emulator_of(request).tenant, cookies.read(request, "auth0")
    session = tenant.browser_sessions.pop(token, None)
    if session:
        tenant.note("slo", tenant.users.get(session.user_id))
        tenant.forget_sign_ins(token)
    response = redirect(target) if target else pages.logged_out()
    cookies.drop(request, response, "auth0")
    return response


def _refused(request: Request, problem: PageError) -> Response:
    emulator_of(request).tenant.note("flo", error=problem.error)
    return error_page(problem)
