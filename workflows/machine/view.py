"""Status document and result of a flow. Neither has secrets, except those a result is meant to deliver."""

from typing import TypeVar

from phone_mfa.contracts import ChallengeResult, EnrollmentResult, FlowKind, FlowResult, FlowView, Phase, Wait
from phone_mfa.contracts.wait_reasons import wait_of

from .actions import allowed
from .phases import phase, waiting_for
from .state import State
from .steps import Due

TOO_LONG = "The tokens were too long to be sealed to the recipient, and were dropped."

Result = TypeVar("Result", bound=FlowResult)


def view_of(state: State) -> FlowView:
    """Return the status document."""
    live, credential, waits = state.live_message, state.usable_credential, waiting_for(state)
    return FlowView(
        run_id=state.run_id,
        kind=state.kind,
        phase=phase(state),
        channel=state.channel,
        phone_number=state.shown_number,
        message=state.newest_number,
        sent_at=state.message.sent_at if state.message else None,
        code_expires_at=live.expires_at if live else None,
        token_expires_at=credential.expires_at if credential else None,
        flow_expires_at=state.deadline,
        retry_at=waits.at if waits and waits.phase is Phase.COOLING_DOWN else None,
        resend_allowed_at=state.resend_allowed_at,
        sends_left=state.shown_sends_left,
        tries_left=state.shown_tries_left,
        wrong_codes=state.wrong_codes,
        proving_current_phone=state.proving_current_phone,
        enrolled_phone=state.enrolled_phone,
        invitation=state.invitation,
        allowed_actions=allowed(state),
        last_verdict=state.last_verdict,
        malformed_code_at=state.malformed_code_at,
        wait=_wait(state, waits),
        outcome=state.outcome,
        note=_note(state),
        cleanup=state.cleanup,
        failure=state.failure.sentence if state.failure else "",
    )


def _wait(state: State, waits: Due | None) -> Wait | None:
    if waits is None or waits.reason is None:
        return None
    if state.call:
        return wait_of(waits.reason, state.call.at)
    ends = None if waits.phase is Phase.WAITING_FOR_TOKEN else waits.at
    return wait_of(waits.reason, state.waits_since or state.at, ends)


def _note(state: State) -> str:
    too_long = (TOO_LONG,) if state.tokens_too_long else ()
    return " ".join(filter(None, [state.note, *state.remarks, *too_long]))


def result_of(state: State) -> EnrollmentResult | ChallengeResult:
    """Return the result of a flow that has an outcome."""
    if state.kind is FlowKind.CHALLENGE:
        return _result(state, ChallengeResult, tokens=state.tokens)
    return _result(state, EnrollmentResult, enrolled_phone=state.enrolled_phone)


def _result(state: State, kind: type[Result], **more: object) -> Result:
    assert state.outcome, "a result has an outcome"  # noqa: S101 - narrowing
    return kind(
        outcome=state.outcome,
        run_id=state.run_id,
        channel=state.channel,
        phone_number=state.shown_number,
        sends=state.sends,
        wrong_codes=state.wrong_codes,
        recovery_code=state.recovery_code,
        sealed=state.sealed,
        note=_note(state),
        cleanup=state.cleanup,
        **more,
    )
