"""With which application the gateway issues links."""

import httpx
import pytest
from pydantic import SecretStr

from gateway.__main__ import login_of
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.settings import GatewaySettings, SettingsError

RING = FixedRing(new_ring())


async def has_links(environment: pytest.MonkeyPatch, url: str | None, **application: str) -> bool:
    for name, value in {"AUTH0_DOMAIN": "tenant.example.com", **application}.items():
        environment.setenv(name, value)
    settings = GatewaySettings(api_keys=SecretStr("{}"), public_url=url)
    async with httpx.AsyncClient() as http:
        return login_of(settings, RING, http) is not None


async def test_links_take_an_application_with_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    application = {"AUTH0_CLIENT_ID": "ours", "AUTH0_CLIENT_SECRET": "its secret"}

    assert await has_links(monkeypatch, "https://phone.example.com", **application)


async def test_an_application_without_credentials_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    application = {"AUTH0_CLIENT_ID": "ours", "AUTH0_PUBLIC_CLIENT": "true"}

    with pytest.raises(SettingsError, match="AUTH0_PUBLIC_CLIENT cannot be used for links"):
        await has_links(monkeypatch, "https://phone.example.com", **application)


async def test_without_links_no_application_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not await has_links(monkeypatch, None)
