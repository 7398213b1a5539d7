"""HTML of the page behind an enrollment ticket: plain forms, without scripts, in the order of the steps."""

from collections.abc import Iterable
from html import escape

from starlette.responses import Response

from auth0_mfa_emulator.phone.message import Channel

_CHANNELS: dict[Channel, str] = {"sms": "Text message", "voice": "Voice call"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;margin:.3rem 0;font:inherit}"
    "input,button{padding:.5rem}fieldset{border:0;padding:0}fieldset label,fieldset input{display:inline;width:auto}"
    ".error{color:#b00020}"
)


def phone_form(tenant: str, ticket: str, channels: Iterable[Channel], error: str = "", number: str = "") -> Response:
    """Asks for the number, and for the channel if there is a choice."""
    choices = list(channels)
    radios = "".join(
        f'<p><input type="radio" name="channel" id="{name}" value="{name}"{" checked" if not index else ""}>'
        f'<label for="{name}">{_CHANNELS[name]}</label></p>'
        for index, name in enumerate(choices)
    )
    form = (
        f'{_form(ticket)}<label for="number">Phone number</label>'
        f'<input id="number" name="phone_number" type="tel" autocomplete="tel" required placeholder="+15555550100" '
        f'value="{escape(number)}"><fieldset><legend>How do you want to receive the code?</legend>{radios}</fieldset>'
        "<button>Continue</button></form>"
    )
    return _page(f"Secure your account at {tenant}", form, error)


def code_form(tenant: str, ticket: str, oob_code: str, error: str = "") -> Response:
    """Asks for the code."""
    form = (
        f'{_form(ticket)}<input type="hidden" name="oob_code" value="{escape(oob_code)}">'
        '<label for="code">Code</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" '
        "required><button>Verify</button></form>"
    )
    return _page(f"Enter the code from {tenant}", form, error)


def done(recovery_code: str | None) -> Response:
    """Confirms the enrollment, and shows the recovery code if this was the first."""
    recovery = f"<p>Recovery code: <code id='recovery-code'>{recovery_code}</code></p>" if recovery_code else ""
    return _page("You are all set", f"<p>Your phone is enrolled.</p>{recovery}")


def problem(sentence: str) -> Response:
    """Says why the ticket cannot enroll."""
    return _page("Enrollment is not possible", "", sentence)


def _form(ticket: str) -> str:
    return f'<form method="post" action="enrollment"><input type="hidden" name="ticket" value="{escape(ticket)}">'


def _page(title: str, content: str, error: str = "") -> Response:
    shown = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{shown}{content}</main></body></html>"
    )
    return Response(page, 400 if error else 200, _HEADERS, media_type="text/html")
