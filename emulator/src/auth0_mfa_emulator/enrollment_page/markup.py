"""HTML of the page behind an enrollment ticket: plain forms, without scripts, in the order of the steps."""

from collections.abc import Iterable
from html import escape

from starlette.responses import Response

from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.universal_login.layout import button, code_field, hidden, page, phone_fields


def phone_form(tenant: str, ticket: str, channels: Iterable[Channel], error: str = "", number: str = "") -> Response:
    """Asks for the number, and for the channel if there is a choice."""
    form = f"{_form(ticket)}{phone_fields(channels, number)}{button('Continue')}</form>"
    return page(f"Secure your account at {tenant}", form, error)


def code_form(tenant: str, ticket: str, oob_code: str, error: str = "") -> Response:
    """Asks for the code."""
    form = f"{_form(ticket)}{hidden('oob_code', oob_code)}{code_field()}{button('Verify')}</form>"
    return page(f"Enter the code from {tenant}", form, error)


def done(recovery_code: str | None) -> Response:
    """Confirms the enrollment, and shows the recovery code if this was the first."""
    recovery = f"<p>Recovery code: <code id='recovery-code'>{recovery_code}</code></p>" if recovery_code else ""
    return page("You are all set", f"<p>Your phone is enrolled.</p>{recovery}")


def problem(sentence: str) -> Response:
    """Says why the ticket cannot enroll."""
    return page("Enrollment is not possible", "", sentence)


def _form(ticket: str) -> str:
    return f'<form method="post" action="enrollment"><input type="hidden" name="ticket" value="{escape(ticket)}">'
