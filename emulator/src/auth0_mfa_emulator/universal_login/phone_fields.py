"""Fields that ask for a phone number, and for the channel if there is a choice."""

from collections.abc import Iterable
from html import escape

from auth0_mfa_emulator.phone.message import Channel

from .layout import radios

_CHANNELS: dict[Channel, str] = {"sms": "Text message", "voice": "Voice call"}


def phone_fields(channels: Iterable[Channel], number: str = "") -> str:
    """Returns the fields `phone_number` and `channel`; the first channel is chosen."""
    choices: dict[str, str] = {channel: _CHANNELS[channel] for channel in channels}
    return (
        '<label for="number">Phone number</label>'
        '<input id="number" name="phone_number" type="tel" autocomplete="tel" required placeholder="+15555550100" '
        f'value="{escape(number)}">'
        + radios("How do you want to receive the code?", "channel", choices, next(iter(choices), ""))
    )
