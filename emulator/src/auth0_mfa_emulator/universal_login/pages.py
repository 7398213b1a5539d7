"""The hosted pages, by the names Auth0 gives their screens (Auth0 docs, universal login text elements).

A page posts to its own address. What its buttons are called is what `screens` reads.
"""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from starlette.responses import Response

from auth0_mfa_emulator.phone.message import Channel

from .layout import button, code_field, field, hidden, page, phone_fields

_METHODS = button("Try another method", "pick-authenticator", unchecked=True)
_REMEMBER = (
    '<p class="check"><input type="checkbox" id="remember" name="rememberBrowser" value="true">'
    '<label for="remember"> Remember this device for 30 days</label></p>'
)


def login(tenant: str, application: str, username: str, error: str) -> Response:
    """Asks for e-mail address and password."""
    fields = field("username", "Email address", "email", value=username, autocomplete="username")
    fields += field("password", "Password", "password", autocomplete="current-password")
    about = f"<p>Log in to {escape(tenant)} to continue to {escape(application)}.</p>"
    return page("Welcome", about + _form(fields + button("Continue")), error)


def code(label: str, *, sendable: bool, methods: bool, error: str) -> Response:
    """Asks for the code that was sent, or that an app shows; `label` tells where."""
    resend = button("Resend code", "resend-code", unchecked=True) if sendable else ""
    content = f"<p>{escape(label)}</p>" + _form(code_field() + _REMEMBER + button("Continue") + resend)
    return page("Verify your identity", content + _other(methods), error)


def push(label: str, email: str, *, methods: bool, error: str) -> Response:
    """Waits for the answer to a push, which the emulated phone gives."""
    content = f"<p>{escape(label)}</p>{_phone_link(email)}"
    content += _form(_REMEMBER + button("I answered it") + button("Resend", "resend-code"))
    return page("Verify your identity", content + _other(methods), error)


def recovery_challenge(*, methods: bool, error: str) -> Response:
    """Asks for the recovery code."""
    content = _form(field("code", "Recovery code") + button("Continue"))
    return page("Verify your identity", content + _other(methods), error)


def options(title: str, choices: Iterable[str], error: str) -> Response:
    """Offers one button for each choice; its number is the action."""
    buttons = "".join(_form(button(text, str(index))) for index, text in enumerate(choices))
    return page(title, buttons, error)


def phone_enrollment(channels: Iterable[Channel], number: str, *, methods: bool, error: str) -> Response:
    """Asks for the phone number."""
    content = _form(phone_fields(channels, number) + button("Continue"))
    return page("Secure your account", content + _other(methods), error)


def otp_enrollment(secret: str, barcode_uri: str, *, methods: bool, error: str) -> Response:
    """Shows the secret for an authenticator app, and asks for its first code."""
    content = (
        f"<p>Enter this key in your authenticator app: <code id='secret'>{escape(secret)}</code></p>"
        f'<p><a href="{escape(barcode_uri)}">Open it in an app on this device</a></p>'
    )
    return page("Secure your account", content + _form(code_field() + button("Continue")) + _other(methods), error)


def push_enrollment(email: str, *, methods: bool, error: str) -> Response:
    """Asks to approve the device; the emulated phone has scanned the QR code already."""
    content = f"<p>The emulated phone has scanned the QR code.</p>{_phone_link(email)}"
    return page("Secure your account", content + _form(button("I approved it")) + _other(methods), error)


def recovery_code(value: str, error: str) -> Response:
    """Shows the new recovery code, once."""
    content = (
        "<p>Copy this recovery code and keep it somewhere safe. You need it if you ever log in without your device.</p>"
        f"<p><code id='recovery-code'>{escape(value)}</code></p>"
    )
    confirm = (
        '<p class="check"><input type="checkbox" id="saved" name="saved" value="true" required>'
        '<label for="saved"> I have safely recorded this code</label></p>'
    )
    return page("Almost there!", content + _form(confirm + button("Continue")), error)


def consent(tenant: str, application: str, email: str, scopes: Iterable[str], error: str) -> Response:
    """Asks for consent to scopes; without any, only whether to continue to the application."""
    listed = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    about = f"<p>{escape(application)} wants to access your {escape(tenant)} account as {escape(email)}.</p>"
    wanted = f"<p>This allows it to:</p><ul>{listed}</ul>" if listed else ""
    return page(
        "Authorize App", about + wanted + _form(button("Accept", "accept") + button("Decline", "decline")), error
    )


def device_activation(error: str) -> Response:
    """Asks for the code that a device shows."""
    about = "<p>Enter the code displayed on your device.</p>"
    return page("Device activation", about + _form(field("user_code", "Code") + button("Continue")), error)


def device_confirmation(application: str, user_code: str, error: str) -> Response:
    """Asks whether the device shows the same code."""
    about = (
        f"<p>{escape(application)} asks to connect a device. Confirm that it shows this code:</p>"
        f"<p><code id='user-code'>{escape(user_code)}</code></p>"
    )
    return page("Device confirmation", about + _form(button("Confirm", "confirm") + button("Cancel", "cancel")), error)


def logout_confirmation(tenant: str, values: Mapping[str, str]) -> Response:
    """Asks whether to log out, and repeats the request with the answer."""
    fields = "".join(hidden(name, value) for name, value in values.items())
    return page(f"Log out of {tenant}?", _form(fields + button("Log out")))


def logged_out() -> Response:
    """Tells that the session has ended."""
    return page("You are logged out", "")


def _form(fields: str) -> str:
    return f'<form method="post">{fields}</form>'


def _other(methods: bool) -> str:
    return _form(_METHODS) if methods else ""


def _phone_link(email: str) -> str:
    return f'<p><a href="/_phone?to={escape(quote(email))}" target="_blank" rel="noopener">Open the phone</a></p>'
