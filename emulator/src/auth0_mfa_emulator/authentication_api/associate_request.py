"""Parsing of `/mfa/associate` requests (reference 2.4)."""

import re
from typing import Literal, get_args

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.authenticators import E164
from auth0_mfa_emulator.tenant.sessions import OobChannel
from auth0_mfa_emulator.wire import Parameters, required_text

Wanted = OobChannel | Literal["otp"]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def requested(given: Parameters) -> Wanted:
    """Returns the channel of an out-of-band authenticator, or `otp`."""
    kind = _only_text(given, "authenticator_types")
    if kind == "otp":
        return "otp"
    if kind != "oob":
        raise errors.unsettled("unsupported_authenticator_type")
    channel = _only_text(given, "oob_channels")
    found: OobChannel | None = next((one for one in get_args(OobChannel) if one == channel), None)
    if not found:
        raise errors.unsettled("unsupported_oob_channel")
    return found


def requested_number(given: Parameters) -> str:
    """Returns the phone number, in E.164."""
    number = required_text(given, "phone_number")
    if not re.fullmatch(E164, number):
        raise errors.unsettled("invalid_phone")
    return number


def requested_email(given: Parameters) -> str:
    """Returns the e-mail address."""
    email = required_text(given, "email")
    if not _EMAIL.fullmatch(email):
        raise errors.unsettled("invalid_email")
    return email


def _only_text(given: Parameters, name: str) -> str:
    value = given.get(name)
    if value is None:
        raise errors.missing(name)
    match value:
        case [str(only)]:
            return only
    raise errors.invalid_request(f"{name} must be an array of one string")
