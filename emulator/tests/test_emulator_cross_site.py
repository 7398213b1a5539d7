"""Web sites of another origin cannot change anything through a visitor's browser."""

from urllib.parse import urlsplit

import httpx
import pytest

from emulator.tests.visitor import Visitor

REFUSED = (403, {"error": "Another web site cannot change anything here."})
FORM = {"Content-Type": "text/plain"}
CHANGES = [
    ("POST", "/_control/reset"),
    ("POST", "/_control/users"),
    ("POST", "/_control/seed"),
    ("PATCH", "/_control/tenant"),
    ("DELETE", "/_control/blocks"),
    ("POST", "/_control/messages/x/approve"),
    ("BREW", "/_control"),
    ("POST", "/_phone"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "CROSS-SITE", "Origin": "http://127.0.0.1"},
        {"Origin": "https://example.com"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
async def test_a_call_of_another_web_site_changes_nothing(
    visitor: Visitor, method: str, path: str, sent: dict[str, str]
) -> None:
    person = await visitor.person()
    answer = await visitor.http.request(method, path, content=b'{"mfa_required":false}', headers=FORM | sent)
    assert (answer.status_code, answer.json()) == REFUSED
    assert (await visitor.control("GET", "tenant"))["mfa_required"] is True
    assert (await visitor.login(person)).json()["error"] == "mfa_required"


async def test_the_emulators_own_pages_and_tools_may_change_everything(visitor: Visitor, address: str) -> None:
    own = f"HTTP://{urlsplit(address).netloc}"
    for sent in (
        {},
        {"Origin": own},
        {"Sec-Fetch-Site": "same-origin", "Origin": own},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://proxy.example.com"},
        {"Sec-Fetch-Site": "none"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        answer = await visitor.http.patch("/_control/tenant", content=b'{"code_seconds":60}', headers=sent)
        assert answer.status_code == 200


async def test_reading_and_the_tenants_own_calls_are_left_alone(http: httpx.AsyncClient, visitor: Visitor) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://example.com"}
    assert (await http.get("/_control/health", headers=foreign)).status_code == 200
    assert "access-control-allow-origin" not in (await http.get("/_control/users", headers=foreign)).headers
    person = await visitor.person()
    login = {"grant_type": "password", "username": person.email, "password": "wrong"}
    login |= {"client_id": "emulator-client", "client_secret": "emulator-secret"}
    answer = await http.post("/oauth/token", json=login, headers=foreign)
    assert answer.json()["error_description"] == "Wrong email or password."
