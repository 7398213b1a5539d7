"""What users type as their name at Auth0's login page, an e-mail address say: ``login_hint`` of OpenID Connect.

It travels in links and flow tokens, sealed, so that Auth0 can fill it in (OpenID Connect Core 1.0, section 3.1.2.1).
"""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

LONGEST_HINT: Final = 254
"""In bytes of UTF-8, as long as an e-mail address can be (RFC 5321, section 4.5.3.1.3)."""
HINT_PURPOSE: Final = b"phone-mfa login hint"


def is_login_hint(given: object) -> bool:
    """Whether it can be one."""
    return isinstance(given, str) and given.isprintable() and 0 < len(given.encode()) <= LONGEST_HINT


def _fitting(given: str) -> str:
    if not is_login_hint(given):
        raise ValueError(f"must have at most {LONGEST_HINT} bytes in UTF-8, and no control characters")
    return given


LoginHint = Annotated[str, Field(min_length=1, max_length=LONGEST_HINT), AfterValidator(_fitting)]
