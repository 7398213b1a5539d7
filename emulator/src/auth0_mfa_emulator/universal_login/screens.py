"""`/u/NAME?state=...`: dispatch of the hosted pages, and those that ask for password, consent, and confirmation."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.exchange import Exchange
from auth0_mfa_emulator.authentication_api.password_login import check_password
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import issuer, parameters

from . import challenge_screens, device_activation, enrollment_screens, pages
from .responses import AuthorizationError, PageError, error_page
from .second_factor import SCREENS, sentence
from .sign_in_flow import advance, consent, failed, shown, visit
from .sign_in_steps import consent_is_due, consent_scopes
from .visits import Show, Submit, Visit


async def show(request: Request) -> Response:
    """Show the page on which the user has to act."""
    try:
        one = Visit(request, visit(request), {})
    except PageError as problem:
        return error_page(problem)
    screen = request.path_params["screen"]
    return shown(one.sign_in) if one.sign_in.screen != screen else _SCREENS[screen][0](one, one.sign_in.error)


async def submit(request: Request) -> Response:
    """Process what the user sent from that page."""
    given = await parameters(request)
    try:
        one = Visit(request, visit(request), given)
    except PageError as problem:
        return error_page(problem)
    screen = request.path_params["screen"]
    return shown(one.sign_in) if one.sign_in.screen != screen else _SCREENS[screen][1](one)


def _show_login(one: Visit, error: str) -> Response:
    username = one.text("username") or one.sign_in.request.login_hint or ""
    return pages.login(one.tenant.settings.friendly_name, one.client.name, username, error)


def _submit_login(one: Visit) -> Response:
    request, sign_in = one.request, one.sign_in
    ip = request.client.host if request.client else ""
    exchange = Exchange(emulator_of(request), one.client, one.given, issuer(request), ip)
    try:
        user = check_password(exchange)
    except (errors.RefusedError, errors.UnsettledError) as refusal:
        return _show_login(one, sentence(one.tenant, refusal))
    sign_in.user_id, sign_in.authenticated_at, sign_in.session = user.id, one.tenant.clock.now(), None
    return advance(request, sign_in)


def _show_recovery_code(one: Visit, error: str) -> Response:
    return pages.recovery_code(one.sign_in.recovery_code or "", error)


def _submit_recovery_code(one: Visit) -> Response:
    if not one.text("saved"):
        return _show_recovery_code(one, "Confirm that you recorded the code.")
    one.sign_in.recovery_code = None
    return advance(one.request, one.sign_in)


def _show_consent(one: Visit, error: str) -> Response:
    scopes = consent_scopes(one.tenant, one.sign_in) if consent_is_due(one.tenant, one.sign_in, one.user) else []
    return pages.consent(one.tenant.settings.friendly_name, one.client.name, one.user.email, scopes, error)


def _submit_consent(one: Visit) -> Response:
    match one.text("action"):
        case "accept":
            if consent_is_due(one.tenant, one.sign_in, one.user):
                consent(one.tenant, one.sign_in)
            return advance(one.request, one.sign_in)
        case "decline":
            return _declined(one)
    return _show_consent(one, "Accept or decline.")


def _declined(one: Visit) -> Response:
    problem = AuthorizationError("access_denied", "User did not authorize the request")
    response = failed(one.request, one.sign_in, problem)
    if one.client.is_first_party:
        return response
    # Auth0 does not redirect to third-party applications then, by default (Auth0 docs, user consent).
    return error_page(PageError(403, problem.error, problem.description))


_CHALLENGE: tuple[Show, Submit] = (challenge_screens.show_challenge, challenge_screens.submit_challenge)
_APP: tuple[Show, Submit] = (enrollment_screens.show_app, enrollment_screens.submit_app)
_SCREENS: dict[str, tuple[Show, Submit]] = {
    "login": (_show_login, _submit_login),
    **dict.fromkeys(SCREENS.values(), _CHALLENGE),
    challenge_screens.OPTIONS: (challenge_screens.show_options, challenge_screens.submit_options),
    enrollment_screens.OPTIONS: (enrollment_screens.show_options, enrollment_screens.submit_options),
    enrollment_screens.PAGES["phone"]: (enrollment_screens.show_phone, enrollment_screens.submit_phone),
    enrollment_screens.PAGES["otp"]: _APP,
    enrollment_screens.PAGES["auth0"]: _APP,
    "mfa-recovery-code-enrollment": (_show_recovery_code, _submit_recovery_code),
    "consent": (_show_consent, _submit_consent),
    device_activation.CONFIRMATION: (device_activation.show_confirmation, device_activation.submit_confirmation),
}
