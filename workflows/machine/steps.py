"""Steps the state machine takes on its own, and when they are due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from phone_mfa.contracts import Phase, WaitReason


class Step(StrEnum):
    """A step the state machine takes on its own."""

    CANCEL = "cancel"
    EXPIRE = "expire"
    CHECK = "check"
    SEND = "send"
    JUDGE = "judge"
    LOCK = "lock"
    CALL_PHONE = "call_phone"
    WAIT = "wait"  # no action: only time passes
    REMOVE = "remove"
    END = "end"


@dataclass(frozen=True)
class Due:
    """A step and the time from which it is due. ``phase`` and ``reason``: what the flow waits for until then."""

    step: Step
    at: datetime
    phase: Phase | None = None
    reason: WaitReason | None = None
