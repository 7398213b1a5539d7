"""Where a page of a list ends, as the caller gives it back: signed, since Temporal does not refuse what it never gave.

It takes that for a defect of its own, says "please retry", and we retry for seconds.
"""

import hmac
from dataclasses import replace
from typing import Final

from phone_mfa.encryption import opaque

from .errors import RefusedMessageError
from .listing import FlowPage

_SEPARATOR: Final = "."


def signed(page: FlowPage, naming_key: bytes, query: str) -> FlowPage:
    """The page, with a cursor that only this query takes."""
    if page.cursor is None:
        return page
    return replace(page, cursor=_SEPARATOR.join([page.cursor, _signature(page.cursor, naming_key, query)]))


def unsigned(cursor: str | None, naming_key: bytes, query: str) -> str | None:
    """The cursor as Temporal knows it. Raises ``RefusedMessageError`` when no page of this query gave it."""
    if cursor is None:
        return None
    text, _, signature = cursor.rpartition(_SEPARATOR)
    if not hmac.compare_digest(signature.encode(), _signature(text, naming_key, query).encode()):
        raise RefusedMessageError("cursor: is none that a page of this list gave.", "cursor")
    return text


def _signature(text: str, naming_key: bytes, query: str) -> str:
    return opaque(naming_key, "cursor", _SEPARATOR.join([text, query]))
