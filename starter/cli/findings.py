"""What a check of the tenant finds."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The result of a check."""

    OK = "ok"
    NOT_OK = "not_ok"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One prerequisite; ``sentence`` states that it is met, or how to fix it."""

    name: str
    state: State
    sentence: str
