"""The pytest fixtures of the emulator."""

import httpx
import pytest

from auth0_mfa_emulator.pytest_plugin import CLIENT, Tenant

NUMBER = "+15555550100"
PASSWORD = "correct horse"


def test_a_tenant_has_users_phones_and_a_clock(auth0_tenant: Tenant) -> None:
    tenant, before = auth0_tenant, auth0_tenant.clock.now()
    tenant.switch(code_seconds=60)
    tenant.clock.advance(3600)
    user_id = tenant.users.add("ada@example.com", PASSWORD)
    with pytest.raises(LookupError, match="No code"):
        tenant.phone(NUMBER).code()

    with httpx.Client(base_url=tenant.address, trust_env=False) as http:
        password = {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD}
        login = http.post(
            "/oauth/token", data=password | dict(zip(("client_id", "client_secret"), CLIENT, strict=True))
        )
        bearer = {"Authorization": f"Bearer {login.json()['mfa_token']}"}
        phone = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": NUMBER}
        assert http.post("/mfa/associate", json=phone, headers=bearer).status_code == 200

    (message,) = tenant.phone(NUMBER).messages()
    assert (message["channel"], message["code"]) == ("sms", tenant.phone(NUMBER).code())
    assert user_id.startswith("auth0|")
    assert (tenant.clock.now() - before).total_seconds() >= 3600
    assert tenant.control.call("GET", "tenant")["code_seconds"] == 60


def test_an_application_is_registered_with_its_callbacks(auth0_tenant: Tenant) -> None:
    callback = "http://localhost:8000/welcome"
    auth0_tenant.clients.add("page", callbacks=[callback])
    asked = {"client_id": "page", "redirect_uri": callback, "response_type": "code", "prompt": "none"}
    answer = httpx.get(f"{auth0_tenant.address}/authorize", params=asked, trust_env=False)
    assert answer.headers["location"].startswith(f"{callback}?error=login_required")


def test_a_proxy_in_the_environment_is_not_asked(auth0_tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr("urllib.request._opener", None)  # made once, with the proxies of that time
    assert Tenant(auth0_tenant.address).phone(NUMBER).messages() == []


def test_the_next_test_has_a_tenant_that_is_as_new(auth0_tenant: Tenant) -> None:
    assert auth0_tenant.phone(NUMBER).messages() == []
    assert auth0_tenant.control.call("GET", "tenant")["code_seconds"] == 300
