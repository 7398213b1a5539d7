"""What the machine can do of itself, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from phone_mfa.contracts import Phase, WaitReason


class Step(StrEnum):
    """What the machine can do of itself."""

    CANCEL = "cancel"
    EXPIRE = "expire"
    CHECK = "check"
    SEND = "send"
    JUDGE = "judge"
    LOCK = "lock"
    CALL_PHONE = "call_phone"
    WAIT = "wait"  # nothing is done: only time passes
    REMOVE = "remove"
    END = "end"


@dataclass(frozen=True)
class Due:
    """A step, and from when on. ``phase`` and ``reason``: what the flow waits for until then."""

    step: Step
    at: datetime
    phase: Phase | None = None
    reason: WaitReason | None = None
