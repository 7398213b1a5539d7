"""Authorization responses, in the four response modes, and the page for errors that no application may be told."""

import json
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.sign_ins import AuthorizationRequest

from .layout import button, hidden, page

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class AuthorizationError(Exception):
    """An error that the application is told at its callback."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class PageError(Exception):
    """An error that only the user is told, since there is no callback to trust."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


def error_page(problem: PageError) -> Response:
    """Returns the page that tells the user of an error."""
    told = f"<p>{escape(problem.error)}: {escape(problem.description)}</p>"
    return page("Oops!, something went wrong", told, status=problem.status)


def responded(request: Request, asked: AuthorizationRequest, values: dict[str, str]) -> Response:
    """Returns the response that carries these parameters, and the request's `state`, to the application."""
    if asked.device is not None:
        return _to_device(request, asked.device, values)
    if asked.state is not None:
        values = values | {"state": asked.state}
    if emulator_of(request).tenant.settings.authorization_response_iss:
        values = values | {"iss": asked.issuer}
    encoded = urlencode(values, quote_via=quote, safe="")
    match asked.response_mode:
        case "query":
            separator = "&" if "?" in asked.redirect_uri else "?"
            return redirect(f"{asked.redirect_uri}{separator}{encoded}")
        case "fragment":
            return redirect(f"{asked.redirect_uri}#{encoded}")
        case "form_post":
            return _form_post(asked.redirect_uri, values)
        case "web_message":
            return _web_message(origin_of(asked.redirect_uri), values)


def _to_device(request: Request, device_code: str, values: dict[str, str]) -> Response:
    """Keep the response until the device asks for it, and tell the user, whose browser stays."""
    tenant = emulator_of(request).tenant
    device = tenant.device_codes.get(device_code)
    if not device or device.expires_at <= tenant.clock.now():
        return error_page(PageError(400, "expired_token", "The code has expired."))
    if device.answer is not None:  # from another browser, meanwhile
        return error_page(PageError(400, "invalid_request", "The code has been used."))
    device.answer = values
    if "code" not in values:
        return page("Your device is not connected", "<p>Nothing was allowed. You can close this window.</p>")
    return page("Congratulations, you're all set!", "<p>Your device is now connected.</p>")


def redirect(location: str) -> Response:
    """Returns a redirect to an address made of ASCII."""
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-store"})


def origin_of(url: str) -> str:
    """Returns scheme, host and port of an absolute URL, in lower case; an own scheme alone has no origin."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}".lower()


def verifiable(redirect_uri: str) -> bool:
    """Whether only one application can receive this callback: not on loopback, not with a scheme of its own."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return parts.scheme in ("http", "https") and parts.hostname not in _LOOPBACK


def _form_post(redirect_uri: str, values: dict[str, str]) -> Response:
    fields = "".join(hidden(name, value) for name, value in values.items())
    form = f'<form method="post" action="{escape(redirect_uri)}">{fields}{button("Continue")}</form>'
    return page("Submit this form", form, script="document.forms[0].submit()")


def _web_message(target: str, values: dict[str, str]) -> Response:
    message = _embedded({"type": "authorization_response", "response": values})
    script = f"(window.opener||window.parent).postMessage({message},{_embedded(target)})"
    return page("Authorization response", "", script=script, framed_by=target)


def _embedded(value: object) -> str:
    """Returns JSON, in ASCII, that cannot end the script it stands in."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
