"""Matches the phones Auth0 lists: which one to challenge, and which may be the enrolled one."""

from pydantic import SecretStr

from phone_mfa.contracts import Channel, masked, reveal
from phone_mfa.contracts.calls import Phone

from .state import State
from .turn import Turn


def phone_to_challenge(state: State, phones: tuple[Phone, ...]) -> Phone | None:
    """Return the phone to challenge.

    If the channel was switched before the first message to one the phone lacks, the original channel is used.
    """
    phone = choose(state, phones, state.channel)
    return phone if phone or state.message else choose(state, phones, state.first_channel)


def choose(state: State, phones: tuple[Phone, ...], channel: Channel | None) -> Phone | None:
    """Return the requested phone, else the first. A phone with two channels is two authenticators of the same name."""
    asked = next(iter(_asked_for(state, phones)), None)
    if channel is None or asked is None:
        return asked
    return next((phone for phone in phones if phone.channel is channel and _is_of(state, phone, asked)), None)


def _asked_for(state: State, phones: tuple[Phone, ...]) -> list[Phone]:
    return [phone for phone in phones if phone.active and state.authenticator_id in (None, phone.authenticator_id)]


def _is_of(state: State, phone: Phone, asked: Phone) -> bool:
    """Whether a phone is the requested one; any active phone is if none was requested."""
    return phone.active and (state.authenticator_id is None or phone.name == asked.name)


def matches(number: SecretStr, phone: Phone) -> bool:
    """Whether a listed phone may have this number. Lists show only the last four digits."""
    return phone.name.endswith(masked(reveal(number))[-4:])


def may_be_enrolled(state: State, phones: tuple[Phone, ...]) -> bool:
    """Whether the phone whose accepted code may have been lost is listed, even if the number was changed since."""
    number = state.maybe_enrolled
    return number is not None and any(phone.active and matches(number, phone) for phone in phones)


def switch_to_new_phone(turn: Turn) -> None:
    """Send the next message to the phone being enrolled."""
    number = turn.state.new_number
    turn.set(shown_number=masked(reveal(number)) if number else "", called_by_itself=False, listed=None)
