"""Initial states of flows."""

from datetime import datetime, timedelta

from phone_mfa.contracts import FlowKind, StartChallenge, StartEnrollment, masked, reveal
from phone_mfa.contracts.first_view import FIRST_INVITATION, no_token_reason

from .events import Cancelled
from .records import Credential
from .requests import take
from .state import State
from .turn import Turn


def enrollment(request: StartEnrollment, run_id: str, at: datetime) -> State:
    """Return the initial state of an enrollment."""
    return _begun(
        request,
        run_id,
        at,
        kind=FlowKind.ENROLLMENT,
        channel=request.channel,
        when_enrolled=request.when_enrolled,
        new_number=request.phone_number,
        shown_number=masked(reveal(request.phone_number)),
        invitation=FIRST_INVITATION if request.invited else None,
    )


def challenge(request: StartChallenge, run_id: str, at: datetime) -> State:
    """Return the initial state of a challenge."""
    return _begun(
        request,
        run_id,
        at,
        kind=FlowKind.CHALLENGE,
        channel=request.channel,
        authenticator_id=request.authenticator_id,
    )


def cancelled_before(state: State, cancelled: Cancelled) -> State:
    """Return the initial state of a flow cancelled before its first step, so that nothing is done."""
    turn = Turn(state)
    take(turn, cancelled)
    return turn.state


def _begun(request: StartEnrollment | StartChallenge, run_id: str, at: datetime, **more: object) -> State:
    token = request.mfa_token
    return State.model_validate(
        {
            "at": at,
            "run_id": run_id,
            "policy": request.policy,
            "deadline": at + timedelta(seconds=request.flow_seconds),
            "recipient": request.recipient,
            "origin": request.origin,
            "asked_channel": request.channel,
            "credential": Credential.from_login(token, request.mfa_token_issued_at, at) if token else None,
            "token_reason": no_token_reason(request),
            **more,
        }
    )
