"""Actions a flow currently allows: exactly those it would carry out."""

from phone_mfa.contracts import Action, FlowKind, Phase

from .phases import phase
from .state import State


def allowed(state: State) -> tuple[Action, ...]:
    """Return the allowed actions."""
    if state.over:
        return ()
    resend = _sends_at_once(state)
    rules = {
        Action.SUBMIT_CODE: state.live_message is not None or _message_on_its_way(state),
        Action.SUBMIT_RECOVERY_CODE: _takes_recovery_code(state),
        Action.RESEND: resend,
        Action.SWITCH_CHANNEL: resend,
        Action.CHANGE_NUMBER: state.kind is FlowKind.ENROLLMENT and state.sends_left > 0,
        Action.RENEW_TOKEN: True,
        Action.REVOKE_INVITATION: state.invitation is not None,
        Action.CANCEL: True,
    }
    return tuple(action for action, may in rules.items() if may)


def _sends_at_once(state: State) -> bool:
    """Whether a message requested now would be sent at once."""
    at = state.resend_allowed_at
    if at is None or at > state.at or state.usable_credential is None:
        return False
    return phase(state) is Phase.WAITING_FOR_CODE


def _message_on_its_way(state: State) -> bool:
    """Whether Auth0 is being asked for a message, or will be once it has answered the check of a code."""
    if state.call is None or state.wanted is None:
        return False
    held = state.send_hold is not None and state.send_hold.until > state.at
    sending = phase(state) is Phase.SENDING_CODE
    return sending or (state.usable_credential is not None and not held)


def _takes_recovery_code(state: State) -> bool:
    """Whether a recovery code can currently be checked."""
    return state.kind is FlowKind.CHALLENGE and state.usable_credential is not None
