"""The pytest fixtures of the emulator."""

import re
import smtplib
import subprocess
import sys
from pathlib import Path

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


def test_mails_of_an_application_reach_its_mailboxes(auth0_tenant: Tenant) -> None:
    with smtplib.SMTP("127.0.0.1", auth0_tenant.smtp_port) as client:
        client.sendmail("app@acme.example", ["ada@example.com"], "Subject: hi\r\n\r\nhttps://acme.example/i")
    (mail,) = auth0_tenant.phone("ada@example.com").messages()
    assert (mail["subject"], mail["links"]) == ("hi", ["https://acme.example/i"])


MY_APP = """
import httpx

from auth0_mfa_emulator.pytest_plugin import CLIENT


class MyApp:
    def __init__(self, auth0_url):
        self.http = httpx.Client(base_url=auth0_url, trust_env=False)

    def enroll(self, email, password, phone):
        self.phone, self.login = phone, {"grant_type": "password", "username": email, "password": password}
        self.resend()

    def resend(self):
        self.token = self.grant(self.login).json()["mfa_token"]
        body = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": self.phone}
        sent = self.http.post("/mfa/associate", json=body, headers={"Authorization": f"Bearer {self.token}"})
        self.oob_code = sent.json()["oob_code"]

    def verify(self, code):
        grant = {"grant_type": "http://auth0.com/oauth/grant-type/mfa-oob", "mfa_token": self.token}
        return self.grant(grant | {"oob_code": self.oob_code, "binding_code": code}).is_success

    def grant(self, body):
        return self.http.post("/oauth/token", data=body | {"client_id": CLIENT[0], "client_secret": CLIENT[1]})
"""


def test_the_lines_of_the_readme_are_a_test_that_passes(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "README.md").read_text()
    (lines,) = re.findall(r"```python\n(def test_\w+\(auth0_tenant\).*?)```", page, re.DOTALL)
    assert len(lines.splitlines()) <= 12
    (tmp_path / "test_readme.py").write_text(f"{MY_APP}\n\n{lines}")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
