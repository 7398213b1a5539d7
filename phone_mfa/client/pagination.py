"""Signed page cursors. Temporal does not reject a cursor that it did not issue.

It treats one as an internal error and answers "please retry", and its client then retries for seconds.
"""

import hmac
from dataclasses import replace
from typing import Final

from phone_mfa.encryption import opaque

from .errors import RefusedMessageError
from .listing import FlowPage

_SEPARATOR: Final = "."


def signed(page: FlowPage, naming_key: bytes, query: str) -> FlowPage:
    """Returns the page with its cursor signed for this query."""
    if page.cursor is None:
        return page
    return replace(page, cursor=_SEPARATOR.join([page.cursor, _signature(page.cursor, naming_key, query)]))


def unsigned(cursor: str | None, naming_key: bytes, query: str) -> str | None:
    """Returns Temporal's own cursor. Raises ``RefusedMessageError`` if the cursor is not from this query."""
    if cursor is None:
        return None
    text, _, signature = cursor.rpartition(_SEPARATOR)
    if not hmac.compare_digest(signature.encode(), _signature(text, naming_key, query).encode()):
        raise RefusedMessageError("cursor: is not a cursor of this list.", "cursor")
    return text


def _signature(text: str, naming_key: bytes, query: str) -> str:
    return opaque(naming_key, "cursor", _SEPARATOR.join([text, query]))
