"""Human-readable sentences for wait reasons. Covers every reason, which a test enforces."""

from datetime import datetime
from typing import Final, NamedTuple

from .status import Wait, WaitReason


class Words(NamedTuple):
    """Two human-readable sentences: why the flow waits, and what ends the wait."""

    why: str
    ends_with: str


_BUDGET_ENDS: Final = "The end of the pause: the message is sent then."

WORDS: Final[dict[WaitReason, Words]] = {
    WaitReason.TOKEN_NOT_GIVEN: Words("No mfa_token has been provided yet.", "An mfa_token."),
    WaitReason.NOT_SIGNED_IN: Words("The user has not signed in yet.", "The user's sign-in through the link."),
    WaitReason.TOKEN_EXPIRED: Words("The login has expired.", "A fresh mfa_token."),
    WaitReason.TOKEN_REFUSED: Words("Auth0 refused the token.", "A fresh mfa_token."),
    WaitReason.SCOPE_MISSING: Words(
        "The token lacks a scope: enroll to enroll a phone, read:authenticators to list phones.",
        "A token with that scope.",
    ),
    WaitReason.AUTH0_ANSWER: Words("Auth0 has not answered the call yet.", "Auth0's answer."),
    WaitReason.CODE_NOT_TYPED: Words("A code was sent but has not been entered yet.", "The code, or a new message."),
    WaitReason.CODE_ENDED: Words("The code is no longer valid.", "A request for a new message."),
    WaitReason.SENDS_LOST: Words("Auth0's answers to the last sends were lost.", "A request for a new message."),
    WaitReason.RATE_LIMITED: Words("Auth0 limits the rate of calls.", "The end of the pause: Auth0 is called again."),
    WaitReason.AUTH0_UNREACHABLE: Words("Auth0 could not be reached.", "The end of the pause: Auth0 is called again."),
    WaitReason.TOO_MANY_SENDS: Words("Auth0 sends no more messages to this user for now.", "The end of the pause."),
    WaitReason.TOO_MANY_CODES: Words("Auth0 accepts no more codes from this user for now.", "The end of the pause."),
    WaitReason.AUTHENTICATOR_GONE: Words(
        "The phone was removed at Auth0 while it was challenged.", "The end of the pause: the phones are listed again."
    ),
    WaitReason.TOO_LATE: Words(
        "A request reached a worker too late, so Auth0 was not called.",
        "The end of the pause: the flow decides again.",
    ),
    WaitReason.NUMBER_BUDGET: Words("This phone number has received as many messages as it may for now.", _BUDGET_ENDS),
    WaitReason.USER_BUDGET: Words("This user has received as many messages as a user may for now.", _BUDGET_ENDS),
    WaitReason.COUNTRY_BUDGET: Words("As many messages as may for now have gone to this country.", _BUDGET_ENDS),
    WaitReason.CALLER_BUDGET: Words("The service has sent as many messages as it may for now.", _BUDGET_ENDS),
    WaitReason.BROWSER_BUDGET: Words("This browser has requested as many messages as it may for now.", _BUDGET_ENDS),
    WaitReason.WRONG_CODES: Words("This user has entered too many wrong codes in a row.", "The end of the pause."),
}


def wait_of(reason: WaitReason, since: datetime, until: datetime | None = None) -> Wait:
    """Returns a wait with its sentences. ``until``: None if the wait has no time limit."""
    why, ends_with = WORDS[reason]
    return Wait(reason=reason, why=why, since=since, ends_with=ends_with, until=until)
