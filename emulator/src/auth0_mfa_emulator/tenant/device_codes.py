"""Device codes: logins that a device began, and that a user completes in a browser (RFC 8628)."""

import secrets
from dataclasses import dataclass, field

from .sign_ins import AuthorizationRequest

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Consonants, so that no code is a word (RFC 8628, 6.1; Auth0 docs, device user code settings: BASE20)."""


def new_user_code() -> str:
    """Returns a user code by Auth0's default mask, `****-****`."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def normalized(user_code: str) -> str:
    """Returns a user code as typed, without separators and in upper case (RFC 8628, 6.1)."""
    return "".join(char for char in user_code.upper() if char.isalnum())


@dataclass
class DeviceCode:
    """A device code, by its value, which `request.device` repeats. Times are epoch seconds of the tenant's clock.

    `answer` holds the parameters of the authorization response, a `code` or an `error`, once the user has finished.
    """

    request: AuthorizationRequest
    expires_at: float
    user_code: str = field(default_factory=new_user_code)
    asked_at: float | None = None
    answer: dict[str, str] | None = None
