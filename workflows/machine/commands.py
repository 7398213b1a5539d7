"""What the machine wants done. The driver does it, and tells the answers as events."""

from dataclasses import dataclass

from phone_mfa.contracts import CodeVerdict, Phase, SendReceipt
from phone_mfa.contracts.calls import (
    Associate,
    Challenge,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    RemovePending,
)

CallRequest = Associate | Challenge | CheckCode | CheckRecoveryCode | ListPhones | RemovePending
ReplyAnswer = CodeVerdict | SendReceipt | Phase


@dataclass(frozen=True)
class Call:
    """Ask Auth0. ``summary`` is open to read in the Temporal UI."""

    request: CallRequest
    summary: str


@dataclass(frozen=True)
class Reply:
    """Answer a request, by its name."""

    request: str
    answer: ReplyAnswer


@dataclass(frozen=True)
class Warn:
    """Write a line into the log: what could not be done, in a word of ours."""

    event: str


Command = Call | Reply | Warn
