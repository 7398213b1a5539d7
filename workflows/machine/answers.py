"""What Auth0 answered to a call, as events."""

from phone_mfa.contracts.calls import CheckAnswer, PhonesAnswer, RemovalAnswer, SendAnswer

from .events import Cancelled, CodeGiven, Event, NumberChanged, SendAsked, TokenGiven, Woken


class SendAnswered(Event):
    """Auth0's answer to an associate or a challenge."""

    answer: SendAnswer


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
    """A call ended in a way that nothing can be decided by: somebody must act.

    ``perhaps_done``: whether Auth0 may have done what it was asked for.
    """

    type: str
    sentence: str
    perhaps_done: bool = False


Answered = SendAnswered | CheckAnswered | PhonesListed | RemovalAnswered | CallFailed
AnyEvent = Woken | CodeGiven | TokenGiven | SendAsked | NumberChanged | Cancelled | Answered
