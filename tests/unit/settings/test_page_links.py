"""Addresses that the page links to."""

import pytest

from phone_mfa.settings import GatewaySettings, SettingsError

API_KEYS = "[]"


@pytest.mark.parametrize(
    "address",
    ["https://help.example.com", "https://example.com/help?topic=mfa#phone", "mailto:help@example.com?subject=MFA"],
)
def test_help_is_a_page_or_an_e_mail_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PHONE_MFA_GATEWAY_API_KEYS", API_KEYS)
    monkeypatch.setenv("PHONE_MFA_GATEWAY_HELP_URL", address)

    assert GatewaySettings.read().help_url == address


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://help.example.com", "mailto:", "mailto:help", "https://", "help@example.com", "//x"],
)
def test_help_is_nothing_else_and_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PHONE_MFA_GATEWAY_API_KEYS", API_KEYS)
    monkeypatch.setenv("PHONE_MFA_GATEWAY_HELP_URL", address)

    with pytest.raises(SettingsError) as refused:
        GatewaySettings.read()

    sentence = "must be an https:// address, or mailto: with an e-mail address"
    assert str(refused.value) == f"PHONE_MFA_GATEWAY_HELP_URL: {sentence}."
