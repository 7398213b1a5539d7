"""Tags that tell one content from another (RFC 9110, 8.8.3), so that what is known is not sent again."""

import hashlib


def tag_of(content: str | bytes) -> str:
    """The tag of a content, without quotes."""
    given = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(given).hexdigest()[:32]


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether this is among those that the caller knows."""
    known = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return f'"{tag}"' in known or "*" in known
