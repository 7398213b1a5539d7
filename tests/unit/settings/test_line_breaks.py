"""A value with a line break is refused by the name of its setting: a file's last line break makes another secret."""

import pytest

from phone_mfa.encryption import Keyring
from phone_mfa.settings import Auth0Settings, CodecServerSettings, SealingSettings, SettingsError
from phone_mfa.temporal import TemporalSettingsError, connect
from tests.keys import KEYS, RING

APPLICATION = {"AUTH0_DOMAIN": "tenant.example.com", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "hush"}
CODEC = {"PHONE_MFA_CODEC_ORIGIN": "http://localhost:8233", "PHONE_MFA_CODEC_TOKEN": "hush" * 5}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", [*APPLICATION, *CODEC])
def test_a_line_break_in_a_setting_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, ending: str) -> None:
    for each, value in (APPLICATION | CODEC).items():
        monkeypatch.setenv(each, value + ending if each == name else value)

    with pytest.raises(SettingsError) as refused:
        (Auth0Settings if name in APPLICATION else CodecServerSettings).read()

    assert str(refused.value).startswith(f"{name}: must not contain a line break.")
    assert "hush" not in str(refused.value)


def test_a_key_ring_in_json_may_have_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_KEYS", RING.text() + "\n")

    ring: Keyring = SealingSettings.read().source.ring()

    assert ring == RING


async def test_a_line_break_in_temporals_api_key_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "hush\n")

    with pytest.raises(TemporalSettingsError, match=r"^TEMPORAL_API_KEY must not contain a line break\.$"):
        await connect(KEYS)
