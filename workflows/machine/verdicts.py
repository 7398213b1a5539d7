"""Verdicts that need no call to Auth0. Each call would cost the user one of few tries."""

from typing import Final

from phone_mfa.contracts import CodeVerdict, Verdict

from .records import Submission
from .state import State


def verdict_without_asking(state: State, submission: Submission) -> CodeVerdict | None:
    """Return the verdict if it needs no call to Auth0, else None."""
    if submission.unsettled:
        return None
    if submission.message is None:
        return None if state.usable_credential else _verdict(state, Verdict.EXPIRED, "Log in again first.")
    if submission.message in state.lost_messages:
        return _verdict(state, Verdict.SUPERSEDED, LOST_MESSAGE)
    return _verdict_of_message(state, submission.message)


def checked_next(state: State) -> Submission | None:
    """Return the first code that must be checked with Auth0. Earlier codes may wait for a message yet to be sent."""
    waiting = (each for each in state.submissions if each.verdict is None)
    return next((each for each in waiting if verdict_without_asking(state, each) is None), None)


def judged_next(state: State) -> tuple[Submission, CodeVerdict] | None:
    """Return the first code whose verdict needs no call, even if an earlier one waits for Auth0."""
    verdicts = ((each, verdict_without_asking(state, each)) for each in state.submissions if each.verdict is None)
    return next(((each, verdict) for each, verdict in verdicts if verdict), None)


LOST_MESSAGE: Final = "Auth0 did not confirm the message with that code. Request a new code."


def _verdict_of_message(state: State, number: int) -> CodeVerdict | None:
    message = state.message
    if message is None:
        return _verdict(state, Verdict.EXPIRED, "No code has been sent.")
    if number < message.number:
        return _verdict(state, Verdict.SUPERSEDED, "A newer code was sent.")
    if message.closed:
        return message.closed
    return None if state.live_message else _verdict(state, Verdict.EXPIRED, "The code has expired.")


def _verdict(state: State, verdict: Verdict, reason: str) -> CodeVerdict:
    return CodeVerdict(verdict=verdict, tries_left=state.shown_tries_left, reason=reason)
