"""The small values a flow's state is made of: tokens, messages, codes, calls."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import SecretStr

from phone_mfa.contracts import Channel, CodeVerdict, Secret, WaitReason, reveal
from phone_mfa.contracts.types import Contract, login_ends_at

from .times import CODE_LIFETIME


class Credential(Contract):
    """A token for the MFA API and the end of its life. ``proved``: given for a right code, not for a password."""

    token: Secret
    expires_at: datetime
    proved: bool = False

    @classmethod
    def from_login(cls, token: SecretStr, issued_at: datetime | None, received_at: datetime) -> Self:
        """A token from a login."""
        return cls(token=token, expires_at=login_ends_at(issued_at, received_at))


class Sent(Contract):
    """The newest message whose oob code is known. ``closed`` is the verdict on any code for it from then on."""

    number: int
    channel: Channel
    credential: Credential
    oob_code: Secret
    sent_at: datetime
    closed: CodeVerdict | None = None

    @property
    def expires_at(self) -> datetime:
        """When its code ends. The code dies with the token that asked for it."""
        return min(self.sent_at + CODE_LIFETIME, self.credential.expires_at)


class SendRequest(Contract):
    """A message is wanted. ``callers``: requests that wait for the receipt."""

    callers: tuple[str, ...] = ()


class Caller(Contract):
    """A request that waits for a verdict."""

    request: str
    submission_id: str | None = None


IDS_KEPT = 20
"""Submission ids that are kept of one code. More come only from a flood, and the code is known by its text too."""


class Submission(Contract):
    """One code on its way to a verdict. ``message`` counts from 1; a recovery code answers no message.

    ``ids``: the submission ids it came with. ``lost``: how many of Auth0's answers to it were. ``unsettled``: whether
    it was right has still to be looked up.
    """

    code: Secret
    message: int | None
    ids: tuple[str, ...] = ()
    callers: tuple[Caller, ...] = ()
    lost: int = 0
    unsettled: bool = False
    verdict: CodeVerdict | None = None

    def joined(self, request: str | None, submission_id: str | None) -> Self:
        """The same, with one more who waits, and one more id."""
        callers = {caller.request: caller for caller in self.callers}
        if request:
            callers[request] = Caller(request=request, submission_id=submission_id)
        ids = tuple(dict.fromkeys((*self.ids, *filter(None, [submission_id]))))
        return self.model_copy(update={"callers": tuple(callers.values()), "ids": ids[-IDS_KEPT:]})

    @property
    def is_recovery(self) -> bool:
        """Whether this stands in for the phone."""
        return self.message is None


class Hold(Contract):
    """Auth0 wants to be left alone until then, and why."""

    until: datetime
    reason: WaitReason


class Purpose(StrEnum):
    """What a call to Auth0 is made for."""

    ASSOCIATE = "associate"
    CHALLENGE = "challenge"
    LIST_TO_CHALLENGE = "list_to_challenge"
    LIST_AFTER_LOST_SEND = "list_after_lost_send"
    LIST_IN_DOUBT = "list_in_doubt"
    CHECK = "check"
    CHECK_RECOVERY = "check_recovery"
    LIST_AFTER_LOST_CHECK = "list_after_lost_check"
    REMOVE = "remove"


class OpenCall(Contract):
    """A call whose answer is not there yet, the token it was made with, and the code it finds out about, if any."""

    at: datetime
    purpose: Purpose
    credential: Credential
    submission: Submission | None = None


class Failure(Contract):
    """Why somebody must act. ``type`` is open to read for everybody, ``sentence`` is sealed."""

    type: str
    sentence: str


def same(one: SecretStr | None, other: SecretStr | None) -> bool:
    """Whether two secrets are the same text."""
    return one is not None and other is not None and reveal(one) == reveal(other)


ANSWERED_KEPT: Final = 100
"""Codes whose verdict is kept to be told again. More come only from a flood."""


def kept(submissions: Iterable[Submission]) -> tuple[Submission, ...]:
    """All that wait, and the newest of those that were answered."""
    listed = list(submissions)
    answered = [each for each in listed if each.verdict]
    dropped = answered[: max(0, len(answered) - ANSWERED_KEPT)]
    return tuple(each for each in listed if each not in dropped)
