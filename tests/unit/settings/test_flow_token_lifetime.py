"""A flow token's lifetime is a minute to a day, and any other is refused in a sentence that names the setting."""

from datetime import timedelta

import pytest

from gateway.flow_tokens import MAX_LIFETIME
from phone_mfa.settings import GatewaySettings, SettingsError


def read(monkeypatch: pytest.MonkeyPatch, seconds: int) -> GatewaySettings:
    monkeypatch.setenv("PHONE_MFA_GATEWAY_API_KEYS", "[]")
    monkeypatch.setenv("PHONE_MFA_GATEWAY_FLOW_TOKEN_SECONDS", str(seconds))
    return GatewaySettings.read()


@pytest.mark.parametrize("seconds", [60, 86_400])
def test_a_lifetime_of_a_minute_to_a_day_is_taken(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    assert timedelta(seconds=read(monkeypatch, seconds).flow_token_seconds) <= MAX_LIFETIME


@pytest.mark.parametrize("seconds", [-1, 0, 59, 86_401])
def test_any_other_lifetime_is_refused(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, seconds)

    assert str(refused.value).startswith(
        "PHONE_MFA_GATEWAY_FLOW_TOKEN_SECONDS: must be 60 to 86400: a flow token lives a "
    )
