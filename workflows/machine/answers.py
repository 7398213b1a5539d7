"""Events for Auth0's answers to calls."""

from phone_mfa.contracts.calls import CheckAnswer, PhonesAnswer, RemovalAnswer, SendAnswer

from .events import (
    Cancelled,
    CodeGiven,
    Event,
    InvitationRevoked,
    MalformedCode,
    NumberChanged,
    SendAsked,
    TokenGiven,
    Woken,
)


class SendAnswered(Event):
    """Auth0's answer to an associate or a challenge.

    ``may_list``: whether the flow may list the phones of a user who is already enrolled. Flows from before it could end
    at once.
    """

    answer: SendAnswer
    may_list: bool = True


class CheckAnswered(Event):
    """Auth0's answer to a binding code or a recovery code."""

    answer: CheckAnswer


class PhonesListed(Event):
    """Auth0's list of the user's phones."""

    answer: PhonesAnswer


class RemovalAnswered(Event):
    """Auth0's answer to the removal of unconfirmed phones."""

    answer: RemovalAnswer


class CallFailed(Event):
    """A call failed in a way the flow cannot act on: an operator must.

    ``perhaps_done``: whether Auth0 may have carried out the request.
    """

    type: str
    sentence: str
    perhaps_done: bool = False


Answered = SendAnswered | CheckAnswered | PhonesListed | RemovalAnswered | CallFailed
AnyEvent = (
    Woken
    | MalformedCode
    | CodeGiven
    | TokenGiven
    | SendAsked
    | NumberChanged
    | InvitationRevoked
    | Cancelled
    | Answered
)
