"""Checks whether users can log in in a browser: asks Auth0 for a login that shows no page, and reads why not.

Auth0 looks at the application, the callback URL, the organization, the audience and the scopes before it looks for a
session, so ``login_required`` means that all of them are fine (OpenID Connect Core 1.0, section 3.1.2.6).
"""

from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from phone_mfa.auth0.error_rules import KNOWN_CODES
from phone_mfa.openid import Challenge, LoginUnavailableError, OpenIdClient

from .findings import Finding, State

TIMEOUT_SECONDS: Final = 10

READY: Final = {"login_required", "consent_required", "interaction_required", "mfa_required"}
"""Errors that only a session, a consent or a factor of a user would prevent."""

OK: Final = "Invited users can log in."
FIX_CALLBACK: Final = (
    "Add {callback} to the application's Allowed Callback URLs: dashboard, Applications, your application, Settings."
)
FIX_GRANT: Final = (
    "Enable the authorization code grant: dashboard, Applications, your application, Advanced Settings, Grant Types."
)
FIX_AUDIENCE: Final = "Auth0 refuses the audience {audience}: the MFA API must be available to this application."
FIX_ORGANIZATION: Final = (
    "Auth0 refuses logins to the organization of PHONE_MFA_GATEWAY_ORGANIZATION: let the application log in business "
    "users, dashboard, Applications, your application, Login Experience."
)
FIXES: Final = {"unauthorized_client": FIX_GRANT, "access_denied": FIX_AUDIENCE, "invalid_scope": FIX_AUDIENCE}
REFUSED: Final = "Auth0 refuses logins of this application ({error}): see the tenant's logs in the dashboard."
UNREACHABLE: Final = "Not checked: Auth0's login page does not respond."


async def check_login(http: httpx.AsyncClient, openid: OpenIdClient) -> Finding:
    """Check whether a login for the MFA API would come back."""
    tenant = openid.settings
    callback = tenant.redirect_uri
    try:
        url = await openid.url(Challenge.new(), prompt="none")
        answer = await http.get(url, follow_redirects=False, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, LoginUnavailableError):
        return Finding("login", State.UNKNOWN, UNREACHABLE)
    location = answer.headers.get("location", "")
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Finding("login", State.UNKNOWN, UNREACHABLE)
    if not location.startswith(f"{callback}?"):
        return Finding("login", State.NOT_OK, FIX_CALLBACK.format(callback=callback))
    error = parse_qs(urlsplit(location).query).get("error", [""])[0]
    if error in READY:
        return Finding("login", State.OK, OK)
    known = error if error in KNOWN_CODES else "unknown error"
    fix = FIXES.get(error, REFUSED)
    if tenant.organization and error == "invalid_request":
        fix = FIX_ORGANIZATION
    fix = fix.format(audience=f"{tenant.base_url}/mfa/", error=known)
    return Finding("login", State.NOT_OK, fix)
