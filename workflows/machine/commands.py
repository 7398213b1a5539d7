"""Commands of the state machine. The driver executes them and returns answers as events."""

from dataclasses import dataclass

from phone_mfa.contracts import CodeVerdict, Phase, SendReceipt
from phone_mfa.contracts.calls import Associate, Challenge, CheckCode, CheckRecoveryCode, ListPhones, RemovePending

CallRequest = Associate | Challenge | CheckCode | CheckRecoveryCode | ListPhones | RemovePending
ReplyAnswer = CodeVerdict | SendReceipt | Phase


@dataclass(frozen=True)
class Call:
    """Call Auth0. ``summary`` is shown unsealed in the Temporal UI."""

    request: CallRequest
    summary: str


@dataclass(frozen=True)
class Reply:
    """Answer the request with this name."""

    request: str
    answer: ReplyAnswer


@dataclass(frozen=True)
class Warn:
    """Log a warning about something that could not be done. ``event`` is one of our own event names."""

    event: str


Command = Call | Reply | Warn
