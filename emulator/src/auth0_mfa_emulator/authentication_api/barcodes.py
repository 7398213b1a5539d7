"""URIs for enrollment QR codes (recorded)."""

import secrets
import string
from urllib.parse import quote, urlencode

_ALPHANUMERIC = string.ascii_letters + string.digits


def totp_uri(friendly_name: str, email: str, secret: str) -> str:
    """Returns the URI that an authenticator app scans."""
    details = {"secret": secret, "issuer": friendly_name, "algorithm": "SHA1", "digits": "6", "period": "30"}
    return _uri(friendly_name, email, details)


def push_uri(friendly_name: str, email: str, own: str) -> str:
    """Returns the URI that the Guardian app scans; `base_url` is where it would report, here the emulator itself."""
    transaction = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(32))
    return _uri(friendly_name, email, {"enrollment_tx_id": transaction, "base_url": own.rstrip("/")})


def _uri(friendly_name: str, email: str, details: dict[str, str]) -> str:
    label = f"{quote(friendly_name, safe='')}:{quote(email, safe='')}"
    return f"otpauth://totp/{label}?{urlencode(details, quote_via=quote, safe='')}"
