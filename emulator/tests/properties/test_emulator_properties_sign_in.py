"""Any query and any cookies on the hosted pages: no server error, no script, and no redirect to a stranger."""

import re
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.tests.properties.hostile_client import Hostile
from emulator.tests.properties.nonsense import examples
from emulator.tests.properties.surface import AUTHORIZATION, HOSTED, Scene, filled

CALLBACK = AUTHORIZATION["redirect_uri"]
SCRIPT = "\"'><script>alert(1)</script>"
ODD = [
    *(
        "",
        " ",
        "\x00",
        "\r\nX: y",
        SCRIPT,
        "none",
        "login none",
        "-1",
        "9" * 400,
        "http://evil.example",
        "\\\\evil.example",
    ),
    *("//evil.example", "javascript:alert(1)", f"{CALLBACK}@evil.example", f"{CALLBACK}/../x", f"{CALLBACK}#x", "[::1"),
    *("http://[", "http://localhost:8000@evil.example", "form_post", "fragment", "web_message", "plain", "é" * 50),
]
NAMES = [
    *AUTHORIZATION,
    "audience",
    "returnTo",
    "post_logout_redirect_uri",
    "id_token_hint",
    "acr_values",
    "organization",
]
VALUES = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
COOKIES = st.sampled_from(["", "auth0=x", "auth0=;did=", 'did="', "auth0-mf=\xff", "=;;=", "auth0=" + "a" * 5000])


@pytest.fixture(scope="module")
def browser(hostile: Hostile, scene: Scene) -> httpx.Client:
    hostile.changed("POST", "clients", {"client_id": "spa-client", "web_origins": ["http://localhost:5173"]})
    return hostile.http


@examples(300)
@given(
    path=st.sampled_from(["/authorize", "/u/login", "/u/consent", "/v2/logout", "/oidc/logout"]),
    given=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
    client=st.sampled_from(["emulator-client", "spa-client"]),
    cookie=COOKIES,
)
def test_any_query_leads_to_a_page_or_a_known_callback(
    browser: httpx.Client, path: str, given: dict[str, str], client: str, cookie: str
) -> None:
    asked = {"client_id": client, "response_type": "code", "redirect_uri": ""} | given
    if client == "emulator-client":
        asked = AUTHORIZATION | asked | {"redirect_uri": given.get("redirect_uri", CALLBACK)}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
    answer = browser.get(f"{path}?{query}", headers={b"Cookie": cookie.encode("latin-1")})
    assert answer.status_code < 500, answer.text
    if answer.status_code == 302:
        assert re.match(
            r"/u/[a-z-]+\?state=[\w-]+$|http://localhost:(8000|5173|8080)([/?#]|$)", answer.headers["location"]
        )
        assert "\n" not in answer.headers["location"]
    scripts = re.findall(r"<script(?! nonce=)", answer.text)
    assert not scripts or "json" in answer.headers["content-type"], answer.text


@pytest.mark.parametrize("path", [*HOSTED, "/u/{screen}"])
def test_pages_are_neither_stored_nor_framed(browser: httpx.Client, scene: Scene, path: str) -> None:
    answer = browser.get(filled(path, scene.parameters))
    if "text/html" in answer.headers.get("content-type", ""):
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
