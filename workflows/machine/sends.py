"""Calls that make Auth0 send messages. All sends are made here."""

from pydantic import SecretStr

from phone_mfa.contracts import Channel, Withheld
from phone_mfa.contracts.calls import Associate, Challenge, ListPhones, Phone, RemovePending

from .records import Credential, Purpose
from .turn import Turn


def send(turn: Turn) -> None:
    """Have Auth0 send one message: associate a new phone (again for each resend), or list, choose and challenge one."""
    state, credential = turn.state, turn.state.usable_credential
    if credential is None:
        return
    if state.lists_first:
        ask_for_list(turn, Purpose.LIST_BEFORE_ENROLLING, credential)
    elif state.enrolling:
        _associate(turn, credential)
    elif state.listed:
        _challenge(turn, credential, state.listed)
    else:
        ask_for_list(turn, Purpose.LIST_TO_CHALLENGE, credential)


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
        origin=state.origin,
        not_after=min(state.deadline, credential.expires_at),
    )
    turn.call(Purpose.ASSOCIATE, credential, request, f"associate by {channel}, message {state.sends + 1}")


def _challenge(turn: Turn, credential: Credential, phone: Phone) -> None:
    state = turn.state
    request = Challenge(
        mfa_token=credential.token,
        authenticator_id=phone.authenticator_id,
        origin=state.origin,
        not_after=min(state.deadline, credential.expires_at),
    )
    turn.call(Purpose.CHALLENGE, credential, request, f"challenge by {phone.channel}, message {state.sends + 1}")


def ask_for_list(turn: Turn, purpose: Purpose, credential: Credential) -> None:
    """List the user's phones."""
    turn.call(purpose, credential, ListPhones(token=credential.token), "list phones")


def remove(turn: Turn, credential: Credential, number: SecretStr) -> None:
    """Remove unconfirmed authenticators of a number."""
    request = RemovePending(token=credential.token, phone_number=number)
    turn.call(Purpose.REMOVE, credential, request, "remove an unconfirmed phone")


def call_phone(turn: Turn) -> None:
    """Request a voice call, as no code was entered after the SMS."""
    turn.set(channel=Channel.VOICE, called_by_itself=True)
    turn.want_message()


def record_challenged_phone(turn: Turn) -> None:
    """Record the chosen phone after its challenge was answered. The next message chooses again."""
    if phone := turn.state.listed:
        turn.set(listed=None, challenged=phone.authenticator_id, channel=phone.channel, shown_number=phone.name)


def give_up(turn: Turn, reason: str) -> None:
    """Drop the pending message and return to the channel that worked."""
    state = turn.state
    turn.set(channel=state.message.channel if state.message else state.channel)
    turn.drop_wanted(turn.receipt(Withheld.NOT_POSSIBLE, reason))
