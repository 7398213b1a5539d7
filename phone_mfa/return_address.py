"""Where a user goes at the end of a flow: an address of the caller's app. Only allowed origins are accepted."""

from collections.abc import Collection
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

LONGEST_ADDRESS: Final = 1000
LONGEST_STATE: Final = 500
"""In characters: both travel in each flow token, and in a cookie during a login."""
STATE: Final = r"^[\x20-\x7e]*$"
"""Which characters a state may have: those of ``state`` in OAuth (RFC 6749, appendix A.5)."""


class ReturnAddress(BaseModel):
    """Where the user goes at the end. The page adds the query parameters ``outcome`` and ``state``.

    ``to``: an absolute address whose origin is allowed. ``state``: the caller's own, handed back as it is.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    to: Annotated[str, Field(max_length=LONGEST_ADDRESS)]
    state: Annotated[str, Field(max_length=LONGEST_STATE, pattern=STATE)] | None = None


def is_allowed(address: str, origins: Collection[str]) -> bool:
    """Whether a browser that opens this address ends up at one of these origins.

    Only plain spellings are accepted: browsers read backslashes, control characters and other schemes in ways that
    libraries do not.
    """
    if not address.isascii() or not address.isprintable() or any(char in address for char in '\\ "'):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    return plain and f"{parts.scheme}://{parts.netloc}" in origins
