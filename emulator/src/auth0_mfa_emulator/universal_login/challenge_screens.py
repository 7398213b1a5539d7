"""Pages that ask for a factor, of which the code of a new phone is one, and the choice between factors."""

from starlette.responses import Response

from . import pages
from .enrollment_screens import OPTIONS as ENROLL_OPTIONS
from .enrollment_screens import send_again
from .factor_checks import verify
from .second_factor import Factor, challenge, factors
from .sign_in_flow import advance
from .visits import Visit

OPTIONS = "mfa-login-options"


def show_challenge(one: Visit, error: str) -> Response:
    """Ask for what the chosen factor needs."""
    chosen, methods = _chosen(one), len(factors(one.tenant, one.user)) > 1
    match one.sign_in.channel:
        case _ if not chosen:
            return pages.code("Enter the code that was sent to your phone.", sendable=True, methods=True, error=error)
        case "auth0":
            return pages.push(chosen.label, one.user.email, methods=methods, error=error)
        case "recovery-code":
            return pages.recovery_challenge(methods=methods, error=error)
        case way:
            return pages.code(chosen.label, sendable=way != "otp", methods=methods, error=error)


def submit_challenge(one: Visit) -> Response:
    """Check the code, send another, or offer other factors."""
    chosen = _chosen(one)
    match one.text("action"):
        case "pick-authenticator":
            return one.go(OPTIONS if chosen else ENROLL_OPTIONS)
        case "resend-code" if chosen:
            challenge(one.tenant, one.sign_in, one.user, chosen)
            return show_challenge(one, one.sign_in.error)
        case "resend-code":
            return show_challenge(one, send_again(one))
    problem = verify(one.tenant, one.sign_in, one.user, one.text("code").strip())
    if problem:
        return show_challenge(one, problem)
    one.sign_in.remember = bool(one.text("rememberBrowser"))
    return advance(one.request, one.sign_in)


def show_options(one: Visit, error: str) -> Response:
    """Offer all factors of the user."""
    labels = [factor.label for factor in factors(one.tenant, one.user)]
    return pages.options("Select a method to verify your identity", labels, error)


def submit_options(one: Visit) -> Response:
    """Ask for the chosen factor."""
    choices = factors(one.tenant, one.user)
    index = one.index(len(choices))
    if index is None:
        return show_options(one, "Select one of the methods.")
    challenge(one.tenant, one.sign_in, one.user, choices[index])
    problem = one.sign_in.error
    response = one.go(one.sign_in.screen)
    one.sign_in.error = problem
    return response


def _chosen(one: Visit) -> Factor | None:
    """Returns the factor that the page asks for; None if it confirms a new one."""
    device, way = one.sign_in.device, one.sign_in.channel
    usable = factors(one.tenant, one.user)
    return next((factor for factor in usable if (factor.authenticator.device, factor.way) == (device, way)), None)
