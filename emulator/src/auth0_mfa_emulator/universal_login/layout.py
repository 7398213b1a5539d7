"""The frame of every hosted page, and its parts: plain forms that work without scripts.

Each function escapes its arguments, except `content`, which is HTML made here.
"""

import secrets
from collections.abc import Iterable
from html import escape

from starlette.responses import Response

from auth0_mfa_emulator.phone.message import Channel

_CHANNELS: dict[Channel, str] = {"sms": "Text message", "voice": "Voice call"}
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem;color:#1c1c1c}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;margin:.3rem 0;font:inherit}"
    "input,button{padding:.5rem}fieldset{border:0;padding:0}"
    "fieldset label,fieldset input,.check label,.check input{display:inline;width:auto}"
    "button{margin-top:.8rem}.error{color:#b00020}code{overflow-wrap:anywhere}"
)


def page(
    title: str, content: str, error: str = "", *, status: int | None = None, script: str = "", framed_by: str = "'none'"
) -> Response:
    """Returns a page. `error` is told above the content; the status is then 400 unless given.

    `script` is the only one that may run, `framed_by` the origin that may frame the page.
    """
    nonce = secrets.token_urlsafe(16)
    shown = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    scripted = f'<script nonce="{nonce}">{script}</script>' if script else ""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{shown}{content}</main>{scripted}</body></html>"
    )
    # No form-action: browsers apply it to the redirect that ends a sign-in, wherever the application leads next.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors {framed_by}"
    policy += f"; script-src 'nonce-{nonce}'" if script else ""
    headers = _HEADERS | {"Content-Security-Policy": policy}
    return Response(text, status or (400 if error else 200), headers, media_type="text/html")


def hidden(name: str, value: str) -> str:
    """Returns a hidden field."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def field(name: str, label: str, kind: str = "text", *, value: str = "", autocomplete: str = "off") -> str:
    """Returns a labelled field that must be filled in."""
    return (
        f'<label for="{escape(name)}">{escape(label)}</label>'
        f'<input id="{escape(name)}" name="{escape(name)}" type="{escape(kind)}" value="{escape(value)}" '
        f'autocomplete="{escape(autocomplete)}" required>'
    )


def code_field(label: str = "Code") -> str:
    """Returns the field of a code of digits."""
    return (
        f'<label for="code">{escape(label)}</label><input id="code" name="code" inputmode="numeric" '
        'autocomplete="one-time-code" required>'
    )


def radios(legend: str, name: str, choices: dict[str, str], chosen: str) -> str:
    """Returns a choice of one; `choices` are the texts by value."""
    options = "".join(
        f'<p><input type="radio" name="{escape(name)}" id="{escape(value)}" value="{escape(value)}"'
        f'{" checked" if value == chosen else ""}><label for="{escape(value)}">{escape(text)}</label></p>'
        for value, text in choices.items()
    )
    return f"<fieldset><legend>{escape(legend)}</legend>{options}</fieldset>"


def button(text: str, action: str = "", *, unchecked: bool = False) -> str:
    """Returns a button that submits the form; with `unchecked`, whatever is still missing in it."""
    named = f' name="action" value="{escape(action)}"' if action else ""
    return f"<button{named}{' formnovalidate' if unchecked else ''}>{escape(text)}</button>"


def phone_fields(channels: Iterable[Channel], number: str = "") -> str:
    """Returns the fields `phone_number`, and `channel` with the first one chosen."""
    choices: dict[str, str] = {channel: _CHANNELS[channel] for channel in channels}
    return (
        '<label for="number">Phone number</label>'
        '<input id="number" name="phone_number" type="tel" autocomplete="tel" required placeholder="+15555550100" '
        f'value="{escape(number)}">'
        + radios("How do you want to receive the code?", "channel", choices, next(iter(choices), ""))
    )
