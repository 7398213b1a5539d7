"""Values that make up a flow's state: tokens, messages, codes, calls."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import SecretStr

from phone_mfa.contracts import Channel, CodeVerdict, Secret, WaitReason, reveal
from phone_mfa.contracts.types import Contract, login_ends_at

from .times import CODE_LIFETIME


class Credential(Contract):
    """A token for the MFA API and its expiry. ``proved``: issued for a correct code, not for a password."""

    token: Secret
    expires_at: datetime
    proved: bool = False

    @classmethod
    def from_login(cls, token: SecretStr, issued_at: datetime | None, received_at: datetime) -> Self:
        """Return the credential for a token from a login."""
        return cls(token=token, expires_at=login_ends_at(issued_at, received_at))


class SentMessage(Contract):
    """The newest message whose oob code is known. ``closed``: the verdict on every further code for it."""

    number: int
    channel: Channel
    credential: Credential
    oob_code: Secret
    sent_at: datetime
    closed: CodeVerdict | None = None

    @property
    def expires_at(self) -> datetime:
        """When its code expires. A code expires with the token that requested it."""
        return min(self.sent_at + CODE_LIFETIME, self.credential.expires_at)


class SendRequest(Contract):
    """A pending message. ``callers``: requests that wait for the receipt."""

    callers: tuple[str, ...] = ()


class Caller(Contract):
    """A request that waits for a verdict."""

    request: str
    submission_id: str | None = None


IDS_KEPT = 20
"""Submission ids kept per code. Only a flood has more, and the code is recognized by its text too."""


class Submission(Contract):
    """A submitted code. ``message`` counts from 1; None for a recovery code, which answers no message.

    ``ids``: the submission ids it was sent with. ``lost``: number of lost answers to its checks. ``unsettled``: Auth0's
    list of phones must still show whether it was right.
    """

    code: Secret
    message: int | None
    ids: tuple[str, ...] = ()
    callers: tuple[Caller, ...] = ()
    lost: int = 0
    unsettled: bool = False
    verdict: CodeVerdict | None = None

    def joined(self, request: str | None, submission_id: str | None) -> Self:
        """Return a copy with another waiting caller and another id."""
        callers = {caller.request: caller for caller in self.callers}
        if request:
            callers[request] = Caller(request=request, submission_id=submission_id)
        ids = tuple(dict.fromkeys((*self.ids, *filter(None, [submission_id]))))
        return self.model_copy(update={"callers": tuple(callers.values()), "ids": ids[-IDS_KEPT:]})

    @property
    def is_recovery(self) -> bool:
        """Whether this is a recovery code."""
        return self.message is None


class Hold(Contract):
    """A pause before the next request to Auth0, with its end and its reason."""

    until: datetime
    reason: WaitReason


class UserSends(Contract):
    """Messages that the user has left over all flows. After ``resets_at``, it is unknown how many."""

    left: int
    resets_at: datetime


class Purpose(StrEnum):
    """Purpose of a call to Auth0."""

    ASSOCIATE = "associate"
    CHALLENGE = "challenge"
    LIST_TO_CHALLENGE = "list_to_challenge"
    LIST_AFTER_LOST_SEND = "list_after_lost_send"
    LIST_IN_DOUBT = "list_in_doubt"
    LIST_ENROLLED = "list_enrolled"
    LIST_BEFORE_ENROLLING = "list_before_enrolling"
    CHECK = "check"
    CHECK_RECOVERY = "check_recovery"
    LIST_AFTER_LOST_CHECK = "list_after_lost_check"
    REMOVE = "remove"


class OpenCall(Contract):
    """A call without an answer yet: its purpose, its token, and the code it is about, if any."""

    at: datetime
    purpose: Purpose
    credential: Credential
    submission: Submission | None = None


class Failure(Contract):
    """Why an operator must act. ``type`` is readable by everyone; ``sentence`` is sealed."""

    type: str
    sentence: str


def same_text(one: SecretStr | None, other: SecretStr | None) -> bool:
    """Whether two secrets have the same text."""
    return one is not None and other is not None and reveal(one) == reveal(other)


ANSWERED_KEPT: Final = 100
"""Number of codes whose verdict is kept, to answer repeated submissions. Only a flood has more."""


def kept(submissions: Iterable[Submission]) -> tuple[Submission, ...]:
    """Return all waiting codes and the newest answered ones."""
    listed = list(submissions)
    answered = [each for each in listed if each.verdict]
    dropped = answered[: max(0, len(answered) - ANSWERED_KEPT)]
    return tuple(each for each in listed if each not in dropped)
