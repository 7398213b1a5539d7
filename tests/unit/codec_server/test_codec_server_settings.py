"""The settings of the codec server: what is refused, and what follows from what."""

import pytest

from phone_mfa.settings import CodecServerSettings, SettingsError

TOKEN = "a-token-that-all-of-us-share"


def read(monkeypatch: pytest.MonkeyPatch, **settings: str) -> CodecServerSettings:
    for name, text in settings.items():
        monkeypatch.setenv(f"PHONE_MFA_CODEC_{name.upper()}", text)
    return CodecServerSettings.read()


@pytest.mark.parametrize(
    "origin",
    [
        "https://temporal.example.com",
        "http://localhost:8233",
        "http://ui:8080",
        "http://[::1]:8080",
        "https://10.0.0.1:8443",
    ],
)
def test_an_origin_is_taken_as_browsers_write_it(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    assert read(monkeypatch, origin=origin, token=TOKEN).origin == origin


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "localhost:8233",
        "https://temporal.example.com/",
        "https://temporal.example.com/path",
        "https://Temporal.example.com",
        "https://temporal.example.com:443",
        "http://localhost:80",
        "ftp://localhost",
        "https://user@temporal.example.com",
        "https://a.example https://b.example",
        "https://*.example.com",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    with pytest.raises(SettingsError, match=r"^PHONE_MFA_CODEC_ORIGIN: must be an origin as browsers send it") as no:
        read(monkeypatch, origin=origin, token=TOKEN)

    assert len(origin) < 5 or origin not in str(no.value)


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("https://t.eu.auth0.com/", "https://t.eu.auth0.com/.well-known/jwks.json"),
        ("https://id.example/realms/ops", "https://id.example/realms/ops/.well-known/jwks.json"),
        ("http://localhost:3000/", "http://localhost:3000/.well-known/jwks.json"),
    ],
)
def test_the_keys_are_where_the_issuer_is(monkeypatch: pytest.MonkeyPatch, issuer: str, address: str) -> None:
    settings = read(monkeypatch, origin="https://ui.example", issuer=issuer, audience="codec")

    assert (settings.issuer, settings.keys_address) == (issuer, address)
    elsewhere = read(monkeypatch, jwks_url="https://keys.example/set")
    assert elsewhere.keys_address == "https://keys.example/set"


@pytest.mark.parametrize("name", ["issuer", "jwks_url"])
@pytest.mark.parametrize(
    "address", ["http://id.example/", "id.example", "https://a@id.example/", "https://id.example/?a", "file:///etc"]
)
def test_an_address_that_is_not_safe_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    with pytest.raises(SettingsError, match=f"^PHONE_MFA_CODEC_{name.upper()}: must be an https:// address"):
        read(
            monkeypatch,
            **{"origin": "https://ui.example", "issuer": "https://i.example", "audience": "a", name: address},
        )


def test_the_namespace_is_temporals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, origin="https://ui.example", token=TOKEN).namespace == "default"
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "ours")
    assert CodecServerSettings.read().namespace == "ours"


def test_the_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TOKEN not in repr(read(monkeypatch, origin="https://ui.example", token=TOKEN))
