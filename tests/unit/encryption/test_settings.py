"""The one setting of the keys: a path, or the ring itself; missing or broken, one sentence says so."""

from pathlib import Path

import pytest

from phone_mfa.encryption.rotation import new_ring
from phone_mfa.settings import SealingSettings, SettingsError

RING = new_ring()


def test_a_path_leads_to_the_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys.json").write_text(RING.text())
    monkeypatch.setenv("PHONE_MFA_KEYS", str(tmp_path / "keys.json"))

    settings = SealingSettings.read()

    assert settings.path == tmp_path / "keys.json"
    assert settings.source.ring() == RING


def test_the_setting_may_hold_the_ring_and_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_KEYS", RING.text())

    settings = SealingSettings.read()

    assert settings.path is None
    assert settings.source.ring() == RING
    assert "naming_key" not in repr(settings)


@pytest.mark.parametrize("value", ["", None])
def test_a_missing_setting_says_how_to_make_a_ring(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHONE_MFA_KEYS", raising=False)
    if value is not None:
        monkeypatch.setenv("PHONE_MFA_KEYS", value)

    with pytest.raises(SettingsError) as refused:
        SealingSettings.read()

    assert str(refused.value) == (
        "PHONE_MFA_KEYS is not set: create a key file with `phone-mfa keys new FILE`, and set its path."
    )


@pytest.mark.parametrize("value", ["{s3cret", "/nowhere/s3cret", "s3cret"])
def test_a_setting_of_no_use_is_refused_without_its_value(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_KEYS", value)

    with pytest.raises(SettingsError, match=r"^PHONE_MFA_KEYS: The key ring.*\.$") as refused:
        _ = SealingSettings.read().source

    assert "s3cret" not in str(refused.value)
