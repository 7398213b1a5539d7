"""Who asks, and what they may: the words that all ways of proving it share.

Answers never say what was wrong with a token; the reason is for the log.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

_WHO: Final = re.compile(r"[\x21-\x7e]{1,128}")


class Role(StrEnum):
    """What a reader may do."""

    DECODE = "decode"
    REVEAL = "reveal"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who proved who they are. ``who`` may stand in a log."""

    who: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings to prove who asks. ``cookie``: only when it came from where cookies count."""

    bearer: str | None = None
    cookie: str | None = None


class NotProvedError(Exception):
    """We do not know who asks. ``reason``: which part was wrong, in a word for the log and never for the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IssuerDownError(Exception):
    """Nobody can be checked now, for the issuer's keys cannot be had. ``retry_after``: seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class Readers(Protocol):
    """Knows readers by what they bring."""

    async def reader(self, asked: Credentials) -> Reader:
        """Who asks. Raises ``NotProvedError`` and ``IssuerDownError``."""
        ...


def readable(sub: object) -> str:
    """The subject of a token, when it may stand in a log. Raises ``NotProvedError``."""
    if not isinstance(sub, str) or not _WHO.fullmatch(sub):
        raise NotProvedError("subject_unreadable")
    return sub


def roles_in(claim: object, names: Mapping[Role, str]) -> frozenset[Role]:
    """The roles a claim grants: a list of names, or one text of names with spaces between them."""
    given = claim.split() if isinstance(claim, str) else claim
    return frozenset(role for role, name in names.items() if isinstance(given, list) and name in given)
