"""Ends a flow with an outcome or a failure: answers all callers, and removes or reports unconfirmed authenticators."""

from pydantic import SecretStr

from phone_mfa.contracts import CodeVerdict, Outcome, Verdict, Withheld, is_access_token, masked, reveal

from .commands import Warn
from .records import Credential, Failure, same_text
from .state import State
from .turn import OVER, Turn

MAYBE_ENROLLED = "Auth0's answer to a code was lost: it may have enrolled the phone."
LEFT_BEHIND = "An unconfirmed phone may be left at Auth0, because this login cannot remove it."


def remark(turn: Turn, sentence: str) -> None:
    """Add a permanent remark to the result."""
    if sentence not in turn.state.remarks:
        turn.set(remarks=(*turn.state.remarks, sentence))


def warn_abandoned(turn: Turn) -> None:
    """Report that something may be left at Auth0."""
    turn.set(cleanup=LEFT_BEHIND)
    turn.commands.append(Warn("authenticator.abandoned"))


def finish(turn: Turn, outcome: Outcome, note: str = "") -> None:
    """Set the outcome and answer all callers. A successful outcome drops the note about earlier trouble."""
    turn.set(outcome=outcome, note=note or ("" if outcome.reached else turn.state.note))
    _leave(turn)


def finish_blocked(turn: Turn) -> None:
    """Lock the flow out: Auth0 has blocked the user."""
    finish(turn, Outcome.LOCKED_OUT, "Auth0 blocks this user.")


def fail(turn: Turn, type: str, sentence: str) -> None:
    """Fail the flow: an operator must act."""
    turn.set(failure=Failure(type=type, sentence=sentence))
    _leave(turn)


def closing_verdict(state: State) -> CodeVerdict:
    """Return the verdict on a code that arrives after the flow is over."""
    if state.outcome and state.outcome.reached:
        return CodeVerdict(verdict=Verdict.SUPERSEDED, reason=OVER)
    late = Verdict.LOCKED_OUT if state.outcome is Outcome.LOCKED_OUT else Verdict.EXPIRED
    return CodeVerdict(verdict=late, reason=OVER)


def _leave(turn: Turn) -> None:
    reached = turn.state.outcome and turn.state.outcome.reached
    if turn.state.maybe_enrolled and not reached:
        remark(turn, MAYBE_ENROLLED)
    turn.judge_all(closing_verdict(turn.state))
    turn.drop_wanted(turn.receipt(Withheld.OVER, OVER))
    left = _left(turn.state)
    if left and not _may_remove(turn.state.usable_credential):
        warn_abandoned(turn)
    else:
        turn.set(to_remove=left)


def _left(state: State) -> tuple[SecretStr, ...]:
    """Return the numbers with authenticators that will never be confirmed.

    The enrolled number has duplicates if it was associated more than once; any other number, if it was associated.
    """
    confirmed = 1 if state.outcome is Outcome.ENROLLED else 0
    others = tuple(number for number in state.abandoned if not same_text(number, state.new_number))
    came_back = len(others) < len(state.abandoned)
    if state.new_number and (came_back or state.associated > confirmed):
        return (*others, state.new_number)
    return others


def _may_remove(credential: Credential | None) -> bool:
    """Whether the credential may remove authenticators. Auth0 requires an access token, not an ``mfa_token``."""
    return credential is not None and is_access_token(credential.token)


def finish_enrolled_after_lost_answer(turn: Turn) -> None:
    """End as enrolled after a lost answer to an accepted code. A number changed since then came too late."""
    state = turn.state
    if state.maybe_enrolled and not same_text(state.maybe_enrolled, state.new_number):
        _restore_number(turn, state.maybe_enrolled)
    lost = "answer was lost, and the tokens with it" if turn.state.recipient else "answer was lost"
    remark(turn, f"Auth0's {lost}; its list shows the phone as active.")
    finish(turn, Outcome.ENROLLED)


def _restore_number(turn: Turn, number: SecretStr) -> None:
    """Restore the number that was enrolled. With several messages, any may have gone to it and left a duplicate."""
    state = turn.state
    others = tuple(each for each in state.abandoned if not same_text(each, number))
    left = (state.new_number,) if state.new_number and state.associated else ()
    associated = min(state.sends - state.associated, 2)
    turn.set(new_number=number, abandoned=(*others, *left), associated=associated, shown_number=masked(reveal(number)))
