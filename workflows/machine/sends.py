"""Messages: when one is asked for at Auth0, and what each answer means. Every send is decided here."""

from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from phone_mfa.contracts import Channel, FlowKind, Outcome, Verdict, WaitReason, WhenEnrolled, Withheld, masked, reveal
from phone_mfa.contracts.calls import Associate, Challenge, ListPhones, Phone, Refusal, RemovePending, SendAnswer

from .events import PhonesListed, SendAnswered
from .state import Credential, Hold, OpenCall, Purpose, Sent, State
from .times import SEND_PAUSE, pause
from .turn import Turn

LOST: Final = "Auth0's answer to a send was lost, so it was asked to send again."
LOST_TWICE: Final = "Auth0's answers to the last sends were lost. Ask for a resend when it is well again."
RECOVERY_CODE_LOST: Final = "A recovery code may be lost with an answer of Auth0's."
NO_PHONE: Final = "The user has no active phone like the one asked for."


def send(turn: Turn) -> None:
    """Have Auth0 send one message: associate a new phone, once more if it was before; else list, choose, challenge."""
    state, credential = turn.state, turn.state.usable_credential
    if credential is None:
        return
    if state.enrolling:
        _associate(turn, credential)
    elif state.listed:
        _challenge(turn, credential, state.listed)
    else:
        _list(turn, Purpose.LIST_TO_CHALLENGE, credential)


def _associate(turn: Turn, credential: Credential) -> None:
    state = turn.state
    assert state.new_number is not None, "an enrollment has a number"  # noqa: S101 - narrowing
    channel = state.channel or Channel.SMS
    turn.set(channel=channel)
    request = Associate(
        token=credential.token,
        phone_number=state.new_number,
        channel=channel,
        recipient=state.recipient,
        not_after=min(state.deadline, credential.expires_at),
    )
    turn.call(Purpose.ASSOCIATE, credential, request, f"associate by {channel}, message {state.sends + 1}")


def _challenge(turn: Turn, credential: Credential, phone: Phone) -> None:
    state = turn.state
    request = Challenge(
        mfa_token=credential.token,
        authenticator_id=phone.authenticator_id,
        not_after=min(state.deadline, credential.expires_at),
    )
    turn.set(listed=None)
    turn.call(Purpose.CHALLENGE, credential, request, f"challenge by {phone.channel}, message {state.sends + 1}")


def _list(turn: Turn, purpose: Purpose, credential: Credential) -> None:
    turn.call(purpose, credential, ListPhones(token=credential.token), "list phones")


def remove(turn: Turn, credential: Credential, number: SecretStr) -> None:
    """Remove what was left half made."""
    request = RemovePending(token=credential.token, phone_number=number)
    turn.call(Purpose.REMOVE, credential, request, "remove an unconfirmed phone")


def call_phone(turn: Turn) -> None:
    """The SMS brought no code: a call may."""
    turn.set(channel=Channel.VOICE, called_by_itself=True)
    turn.want_message()


# Auth0's answers


def on_send_answered(turn: Turn, call: OpenCall, event: SendAnswered) -> None:
    """Auth0's answer to an associate or a challenge."""
    answer = event.answer
    if answer.refusal is None:
        _sent(turn, call.credential, answer)
    elif answer.refusal is Refusal.AMBIGUOUS:
        _lost(turn, call)
    else:
        _refused(turn, call.credential, answer.refusal, answer.retry_after_seconds)


def _sent(turn: Turn, credential: Credential, answer: SendAnswer) -> None:
    state = turn.state
    if answer.oob_code is None or state.channel is None:
        turn.fail("Defect", "Auth0 took the request but gave no oob code.")
        return
    _count(turn)
    turn.set(
        note="" if state.send_hold else state.note,
        lost_in_a_row=0,
        refusals=0,
        send_hold=None,
        check_hold=None,
        message=Sent(
            number=turn.state.sends,
            channel=state.channel,
            credential=credential,
            oob_code=answer.oob_code,
            sent_at=state.at,
        ),
        recovery_code=answer.recovery_code or state.recovery_code,
    )
    turn.keep(answer.sealed)
    turn.drop_wanted(turn.receipt())


def _count(turn: Turn) -> None:
    state = turn.state
    associated = state.associated + (1 if state.enrolling else 0)
    turn.set(sends=state.sends + 1, last_send_at=state.at, associated=associated)


def _lost(turn: Turn, call: OpenCall) -> None:
    """It may have been sent. Without its oob code its code is worth nothing, so exactly one further send is due."""
    _count(turn)
    state = turn.state
    turn.set(lost_in_a_row=state.lost_in_a_row + 1, lost_messages=(*state.lost_messages, state.sends))
    if call.purpose is Purpose.ASSOCIATE:  # only the list tells whether it was done
        _list(turn, Purpose.LIST_AFTER_LOST_SEND, call.credential)
    else:
        _send_once_more(turn)


def _send_once_more(turn: Turn) -> None:
    if turn.state.lost_in_a_row == 1 and turn.state.sends_left:
        turn.set(note=LOST)
        return
    turn.set(note=LOST_TWICE, lost_in_a_row=0)
    _give_up(turn, LOST_TWICE)


def _give_up(turn: Turn, reason: str) -> None:
    """Keep the channel that worked."""
    state = turn.state
    turn.set(channel=state.message.channel if state.message else state.channel)
    turn.drop_wanted(turn.receipt(Withheld.NOT_POSSIBLE, reason))


# Lists of phones


def on_listed_to_challenge(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Choose the phone to challenge."""
    answer, state = event.answer, turn.state
    if answer.refusal:
        _refused(turn, call.credential, _of_list(answer.refusal), answer.retry_after_seconds)
        return
    phone = choose(state, answer.phones, state.channel)
    if phone:
        turn.set(listed=phone, channel=phone.channel, shown_number=phone.name)
        return
    has_other = choose(state, answer.phones, None) is not None
    refusal = Refusal.CHANNEL_DISABLED if has_other else Refusal.NOT_ENROLLED
    _refused(turn, call.credential, refusal, None)


def on_listed_after_lost_send(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """A phone that is listed was associated, and its recovery code is lost if it had one."""
    listed = any(matches(turn.state, phone) for phone in event.answer.phones)
    if listed and not (turn.state.recovery_code or turn.state.sealed):
        turn.remark(RECOVERY_CODE_LOST)
    _send_once_more(turn)


def on_listed_in_doubt(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """The user has a factor: this phone, confirmed unseen, or another that was there all along."""
    if event.answer.refusal:
        turn.set(send_hold=turn.hold(_of_list(event.answer.refusal), event.answer.retry_after_seconds))
    elif any(phone.active and matches(turn.state, phone) for phone in event.answer.phones):
        enrolled_unseen(turn)
    else:
        turn.set(maybe_enrolled=False)


def _of_list(refusal: Refusal) -> Refusal:
    """A list whose answer was lost changed nothing."""
    return Refusal.NOT_REACHED if refusal is Refusal.AMBIGUOUS else refusal


def choose(state: State, phones: tuple[Phone, ...], channel: Channel | None) -> Phone | None:
    """The phone asked for, else the first. A phone listed by two channels is two authenticators with the same name."""
    active = [phone for phone in phones if phone.active]
    asked = [phone for phone in active if state.authenticator_id in (None, phone.authenticator_id)]
    names = {phone.name for phone in asked[:1]}
    if channel is None:
        return asked[0] if asked else None
    same_phone = [phone for phone in active if state.authenticator_id is None or phone.name in names]
    return next((phone for phone in same_phone if phone.channel is channel), None)


def matches(state: State, phone: Phone) -> bool:
    """Whether a listed phone may be the one that is enrolled: a list shows the last four digits."""
    return state.new_number is not None and phone.name.endswith(masked(reveal(state.new_number))[-4:])


def enrolled_unseen(turn: Turn) -> None:
    """A code was accepted, and the answer was lost."""
    lost = "answer was lost, and the tokens with it" if turn.state.recipient else "answer was lost"
    turn.remark(f"Auth0's {lost}; its list shows the phone.")
    turn.finish(Outcome.ENROLLED)


# Refusals


def _refused(turn: Turn, credential: Credential, refusal: Refusal, retry_after_seconds: float | None) -> None:
    turn.set(listed=None)
    if refusal in _NOT_NOW:
        turn.set(send_hold=turn.hold(refusal, retry_after_seconds))
    elif refusal in _BUDGETS:
        until = turn.state.at + pause(retry_after_seconds, SEND_PAUSE)
        turn.set(send_hold=Hold(until=until, reason=WaitReason.TOO_MANY_SENDS))
    elif decide_on := _REFUSED.get(refusal):
        decide_on(turn, credential)
    else:
        turn.fail("Defect", f"Auth0 refused to send: {refusal}.")


def _token_refused(turn: Turn, credential: Credential) -> None:
    turn.drop_credential(credential)


def _scope_missing(turn: Turn, credential: Credential) -> None:
    turn.drop_credential(credential, WaitReason.SCOPE_MISSING)


def _channel_disabled(turn: Turn, credential: Credential) -> None:
    """A person who asked for another channel keeps the one that works; a flow that never had one needs an operator."""
    channel = turn.state.channel
    if turn.state.message is None:
        sentence = f"The tenant does not send codes by {channel}: enable the channel of the phone factor."
        turn.fail("ChannelDisabled", sentence)
    else:
        _give_up(turn, f"Codes cannot be sent to this phone by {channel}.")


def _undeliverable(turn: Turn, credential: Credential) -> None:
    if turn.state.live_message:
        _give_up(turn, "Auth0 could not deliver this message; the code sent before is still good.")
        return
    turn.close_message(Verdict.SUPERSEDED, "The message was replaced.")
    turn.finish(Outcome.UNDELIVERABLE, "Auth0 could not deliver a message to this number.")


def _user_blocked(turn: Turn, credential: Credential) -> None:
    turn.finish(Outcome.LOCKED_OUT, "Auth0 blocks this user.")


def _already_enrolled(turn: Turn, credential: Credential) -> None:
    """The user has a phone: perhaps this one, confirmed unseen; else stop or prove it, as the caller chose."""
    state = turn.state
    if not state.enrolling:
        _not_enrolled(turn, credential)
    elif state.maybe_enrolled:
        _list(turn, Purpose.LIST_IN_DOUBT, credential)
    elif state.when_enrolled is WhenEnrolled.CHALLENGE_FIRST:
        turn.set(proving_current_phone=True, channel=None)
    else:
        turn.finish(Outcome.ALREADY_ENROLLED)


def _not_enrolled(turn: Turn, credential: Credential) -> None:
    if turn.state.kind is FlowKind.CHALLENGE:
        turn.finish(Outcome.NOT_ENROLLED, NO_PHONE)
    else:
        turn.finish(Outcome.ALREADY_ENROLLED, "The user has a factor, but no phone to prove it with.")


_NOT_NOW: Final = {Refusal.RATE_LIMITED, Refusal.NOT_REACHED, Refusal.AUTHENTICATOR_GONE, Refusal.TOO_LATE}
_BUDGETS: Final = {Refusal.TOO_MANY_SENDS, Refusal.TOO_MANY_CODES}
_REFUSED: Final[dict[Refusal, Callable[[Turn, Credential], None]]] = {
    Refusal.TOKEN_REFUSED: _token_refused,
    Refusal.SCOPE_MISSING: _scope_missing,
    Refusal.CHANNEL_DISABLED: _channel_disabled,
    Refusal.UNDELIVERABLE: _undeliverable,
    Refusal.USER_BLOCKED: _user_blocked,
    Refusal.ALREADY_ENROLLED: _already_enrolled,
    Refusal.NOT_ENROLLED: _not_enrolled,
}
"""What a refused send leads to. Of the others, none is an answer to a send."""
