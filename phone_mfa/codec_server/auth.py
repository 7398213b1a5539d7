"""Authentication and authorization types shared by all authentication methods.

Responses never say what was wrong with a token; the reason is for the log.
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
    """An authenticated reader. ``who`` is safe to log."""

    who: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of a request. ``cookie``: only if the request came from an origin whose cookies are accepted."""

    bearer: str | None = None
    cookie: str | None = None


class NotAuthenticatedError(Exception):
    """Authentication failed. ``reason``: one word for the log, never for the response."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReaderAuthenticator(Protocol):
    """Authenticates the reader who sends a request."""

    async def authenticate(self, given: Credentials) -> Reader:
        """Authenticate a request. Raises ``NotAuthenticatedError`` and ``IssuerDownError``."""
        ...


def loggable_subject(sub: object) -> str:
    """Returns the subject of a token if it is safe to log. Raises ``NotAuthenticatedError``."""
    if not isinstance(sub, str) or not _WHO.fullmatch(sub):
        raise NotAuthenticatedError("subject_unreadable")
    return sub


def roles_in(claim: object, names: Mapping[Role, str]) -> frozenset[Role]:
    """Returns the roles granted by a claim: a list of names, or one string of names separated by spaces."""
    given = claim.split() if isinstance(claim, str) else claim
    return frozenset(role for role, name in names.items() if isinstance(given, list) and name in given)
