"""Handles callers' messages. Each is answered by the name of its request."""

from collections.abc import Callable
from typing import Final

from phone_mfa.contracts import Channel, Verdict, WaitReason, Withheld

from .binding_codes import take_binding_code
from .events import Asked, Cancelled, CodeGiven, InvitationRevoked, NumberChanged, SendAsked, TokenGiven
from .phones import switch_to_new_phone
from .records import Credential, same_text
from .state import State
from .turn import OVER, Turn


def take(turn: Turn, asked: Asked) -> None:
    """Handle a message."""
    _TAKEN[type(asked)](turn, asked)


def _take_token(turn: Turn, asked: Asked) -> None:
    """Accept a fresh token. A live message keeps the token it was sent with.

    A login's token does not replace one issued for a correct code: only the latter may enroll another phone.
    """
    assert isinstance(asked, TokenGiven)  # noqa: S101 - by the table below
    state = turn.state
    if asked.request:
        turn.phase_callers.append(asked.request)
    credential = Credential.from_login(asked.token, asked.issued_at, state.at)
    if state.over or _is_useless(state, credential):
        return
    turn.set(credential=credential, token_reason=WaitReason.TOKEN_EXPIRED)
    if not state.live_message:
        turn.want_message()


def _is_useless(state: State, given: Credential) -> bool:
    """Whether the flow has this token, whose lifetime counts from its first receipt, or one that is valid longer."""
    usable = state.usable_credential
    less = usable is not None and (usable.proved or given.expires_at < usable.expires_at)
    return less or (state.credential is not None and same_text(state.credential.token, given.token))


def _ask_for_message(turn: Turn, asked: Asked) -> None:
    """Request another message, unless it is too early."""
    channel = asked.channel if isinstance(asked, SendAsked) else None
    state = turn.state
    if _refuse(turn, asked):
        return
    allowed_at = state.resend_allowed_at
    if allowed_at and allowed_at > state.at and not state.wanted:
        turn.reply(asked.request, turn.receipt(Withheld.TOO_EARLY, "It is too early for another message."))
    else:
        _want(turn, asked, channel)


def _want(turn: Turn, asked: Asked, channel: Channel | None) -> None:
    if channel:
        other = channel is not turn.state.next_channel
        turn.set(channel=channel, listed=None if other else turn.state.listed)  # it was chosen for its channel
    turn.want_message(asked.request)


def _refuse(turn: Turn, asked: Asked) -> bool:
    """Refuse a message if the flow is over or no message is left. Returns whether it was refused."""
    if turn.state.over:
        turn.reply(asked.request, turn.receipt(Withheld.OVER, OVER))
    elif not turn.state.sends_left:
        turn.reply(asked.request, turn.receipt(Withheld.NONE_LEFT, "No message is left in this flow."))
    else:
        return False
    return True


def _change_number(turn: Turn, asked: Asked) -> None:
    """Send the next code to another number, without a wait: the previous message went to the wrong phone."""
    assert isinstance(asked, NumberChanged)  # noqa: S101 - by the table below
    state = turn.state
    if _refuse(turn, asked):
        return
    if state.new_number is None or same_text(state.new_number, asked.phone_number):
        _ask_for_message(turn, asked)
        return
    left = (state.new_number,) if state.associated else ()
    turn.set(new_number=asked.phone_number, abandoned=(*state.abandoned, *left), associated=0, user_sends=None)
    if state.send_hold and state.send_hold.reason in OF_NUMBER:
        turn.set(send_hold=None)
    if state.proving_current_phone:
        reason = "The code is sent once the current phone is verified."
        turn.reply(asked.request, turn.receipt(Withheld.LATER, reason))
        return
    turn.close_message(Verdict.SUPERSEDED, "The number was changed.")
    switch_to_new_phone(turn)
    _want(turn, asked, None)


def _revoke_invitation(turn: Turn, asked: Asked) -> None:
    if asked.request:
        turn.phase_callers.append(asked.request)
    if turn.state.invitation is not None and not turn.state.over:
        turn.set(invitation=turn.state.invitation + 1)


def _cancel(turn: Turn, asked: Asked) -> None:
    assert isinstance(asked, Cancelled)  # noqa: S101 - by the table below
    if turn.state.over:
        return
    by_engine = turn.state.cancelled_by_engine or asked.by_engine
    superseded = turn.state.superseded or asked.superseded
    note = asked.reason or turn.state.note
    turn.set(cancelled=True, cancelled_by_engine=by_engine, superseded=superseded, note=note)


OF_NUMBER: Final = {WaitReason.NUMBER_BUDGET, WaitReason.COUNTRY_BUDGET}
"""Reasons to wait that end with another number."""

_TAKEN: Final[dict[type[Asked], Callable[[Turn, Asked], None]]] = {
    CodeGiven: take_binding_code,
    TokenGiven: _take_token,
    SendAsked: _ask_for_message,
    NumberChanged: _change_number,
    InvitationRevoked: _revoke_invitation,
    Cancelled: _cancel,
}
"""Covers every message type; a test checks this."""
