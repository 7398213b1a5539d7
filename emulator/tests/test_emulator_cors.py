"""Which calls pages of other origins may make: preflight requests, and the headers of the responses."""

from typing import Any

import httpx
import pytest

from auth0_mfa_emulator.tenant.origins import origin_of
from emulator.tests.visitor import CREDENTIALS, PASSWORD, Visitor, bearer

PAGE = "http://localhost:5173"
STRANGER = "http://stranger.example"
EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, WWW-Authenticate"


async def preflight(visitor: Visitor, path: str, method: str, origin: str = PAGE, headers: str = "") -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return await visitor.http.options(
        path, headers=asked | ({"Access-Control-Request-Headers": headers} if headers else {})
    )


async def login(visitor: Visitor, origin: str | None, **more: str) -> httpx.Response:
    body = {"grant_type": "password", "username": "nobody@example.com", "password": PASSWORD, **more}
    return await visitor.http.post("/oauth/token", json=body, headers={"Origin": origin} if origin else {})


async def application(visitor: Visitor, client_id: str, **members: Any) -> None:
    await visitor.control("POST", "clients", {"client_id": client_id, "client_secret": "secret", **members})


def readable(answer: httpx.Response) -> bool:
    return "access-control-allow-origin" in answer.headers


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/oauth/token", "POST"),
        ("/userinfo", "GET"),
        ("/oauth/revoke", "POST"),
        ("/mfa/associate", "POST"),
        ("/mfa/challenge", "POST"),
        ("/mfa/authenticators", "GET"),
        ("/mfa/authenticators/sms%7Cdev_x", "DELETE"),
        ("/api/v2/users/auth0%7Cx/enrollments", "GET"),
        ("/api/v2/clients/x", "PATCH"),
    ],
)
async def test_a_page_of_an_application_may_call_the_apis(visitor: Visitor, path: str, method: str) -> None:
    answer = await preflight(visitor, path, method, headers="auth0-client,authorization,content-type,dpop")
    told = {name: answer.headers.get(f"access-control-{name}") for name in ("allow-origin", "allow-credentials")}
    assert (answer.status_code, told) == (200, {"allow-origin": PAGE, "allow-credentials": "true"})
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert {"Auth0-Client", "Authorization", "Content-Type"} <= {
        *answer.headers["access-control-allow-headers"].split(", ")
    }
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["vary"].startswith("Origin")


@pytest.mark.parametrize(
    ("path", "method", "origin", "headers"),
    [
        ("/oauth/token", "POST", STRANGER, "content-type"),
        ("/oauth/token", "POST", "null", ""),
        ("/oauth/token", "POST", "http://localhost:51730", ""),
        ("/oauth/token", "POST", "https://localhost:5173", ""),
        ("/oauth/token", "DELETE", PAGE, ""),
        ("/oauth/token", "POST", PAGE, "x-datadog-origin"),
    ],
)
async def test_what_no_application_allows_is_refused(
    visitor: Visitor, path: str, method: str, origin: str, headers: str
) -> None:
    answer = await preflight(visitor, path, method, origin, headers)
    assert answer.status_code == 400
    assert readable(answer) is (origin == PAGE)


@pytest.mark.parametrize(
    "path",
    ["/_control/users", "/_control/messages", "/_phone", "/mfa/enrollment", "/authorize", "/v2/logout", "/nowhere"],
)
async def test_pages_and_the_control_plane_are_not_readable(visitor: Visitor, path: str) -> None:
    asked = [await preflight(visitor, path, method) for method in ("GET", "POST")]
    got = await visitor.http.get(path, headers={"Origin": PAGE})
    assert [readable(answer) for answer in (*asked, got)] == [False, False, False]


async def test_a_page_reads_errors_too(visitor: Visitor) -> None:
    refused = await login(visitor, PAGE, client_id="spa-client")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, PAGE)
    assert refused.headers["access-control-expose-headers"] == EXPOSED
    assert refused.headers["vary"] == "Origin"
    wrong_token = await visitor.http.get("/mfa/authenticators", headers={"Origin": PAGE, **bearer("garbage")})
    assert (wrong_token.status_code, readable(wrong_token)) == (401, True)


async def test_a_page_reads_why_it_must_wait(visitor: Visitor) -> None:
    await visitor.switch(rate_limit={"burst": 1, "per_seconds": 60}, rate_limit_retry_after=True)
    asked = [await preflight(visitor, "/oauth/token", "POST") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200] * 3
    answers = [await login(visitor, PAGE, client_id="spa-client") for _ in range(2)]
    assert [(answer.status_code, readable(answer)) for answer in answers] == [(403, True), (429, True)]
    assert "retry-after" in answers[1].headers


async def test_a_call_without_an_origin_is_as_it_was(visitor: Visitor) -> None:
    answer = await login(visitor, None, client_id="spa-client")
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert answer.headers["vary"] == "Origin"


async def test_a_call_from_elsewhere_is_processed_but_not_readable(visitor: Visitor) -> None:
    person = await visitor.person()
    body = CREDENTIALS | {"grant_type": "password", "username": person.email, "password": PASSWORD}
    answer = await visitor.http.post("/oauth/token", json=body, headers={"Origin": STRANGER})
    assert (answer.status_code, answer.json()["error"]) == (403, "mfa_required")
    assert [name for name in answer.headers if name.startswith("access-control")] == []


async def test_an_application_allows_its_own_origins_only(visitor: Visitor) -> None:
    await application(visitor, "one", allowed_origins=["https://one.example"])
    await application(visitor, "two", callbacks=["https://two.example:8443/callback?a=b"])
    await application(visitor, "three", web_origins=["https://three.example"])
    own = {"one": "https://one.example", "two": "https://two.example:8443", "three": "https://three.example"}
    for client_id in own:
        allowed = [name for name, origin in own.items() if readable(await login(visitor, origin, client_id=client_id))]
        assert allowed == [client_id]
    # Before the application is known, any of them may call.
    assert [readable(await login(visitor, origin)) for origin in own.values()] == [True] * 3
    assert [readable(await login(visitor, origin, client_id="unknown")) for origin in own.values()] == [True] * 3


@pytest.mark.parametrize(
    ("registered", "origin", "allowed"),
    [
        ("https://*.example.com", "https://app.example.com", True),
        ("https://pr-*-app.example.com", "https://pr-12-app.example.com", True),
        ("https://*.example.com:8443", "https://app.example.com:8443", True),
        ("https://*.example.com", "https://a.b.example.com", False),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "http://app.example.com", False),
        ("https://*.example.com", "https://app.example.com.evil.example", False),
        ("https://*.com", "https://example.com", False),
        ("https://sub.*.example.com", "https://sub.app.example.com", False),
        ("https://*.*.example.com", "https://a.b.example.com", False),
        ("app://*.example.com", "app://a.example.com", False),
        ("https://app.example.com:443", "https://app.example.com", True),
        ("https://APP.example.com", "https://app.example.com", True),
        ("http://[::1]:3000", "http://[::1]:3000", True),
        ("capacitor://localhost", "capacitor://localhost", True),
    ],
)
async def test_an_origin_is_compared_as_documented(
    visitor: Visitor, registered: str, origin: str, *, allowed: bool
) -> None:
    await application(visitor, "app", allowed_origins=[registered])
    assert readable(await login(visitor, origin, client_id="app")) is allowed


async def test_any_page_reads_the_discovery_document_unless_a_setting_forbids_it(visitor: Visitor) -> None:
    path = "/.well-known/openid-configuration"
    answer = await visitor.http.get(path, headers={"Origin": STRANGER})
    assert answer.headers["access-control-allow-origin"] == "*"
    await visitor.switch(cors={"open_discovery": False})
    assert not readable(await visitor.http.get(path, headers={"Origin": STRANGER}))


async def test_settings_change_what_pages_may_do(visitor: Visitor) -> None:
    await application(visitor, "app", callbacks=["https://app.example/"], web_origins=["https://web.example"])
    await visitor.switch(
        cors={
            "origins_of": ["callbacks"],
            "allowed_headers": None,
            "exposed_headers": ["Date"],
            "credentials": False,
            "max_age_seconds": 5,
        }
    )
    assert not readable(await preflight(visitor, "/oauth/token", "POST", "https://web.example"))
    asked = await preflight(visitor, "/oauth/token", "POST", "https://app.example", "x-datadog-origin")
    told = {name: asked.headers.get(f"access-control-{name}") for name in ("allow-headers", "max-age")}
    assert told == {"allow-headers": "x-datadog-origin", "max-age": "5"}
    answer = await login(visitor, "https://app.example", client_id="app")
    assert answer.headers["access-control-expose-headers"] == "Date"
    assert "access-control-allow-credentials" not in answer.headers
    refused = await visitor.http.patch("/_control/tenant", json={"cors": {"exposed_headers": ["a b"]}})
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


async def test_faults_strike_calls_of_pages_and_their_preflights(visitor: Visitor) -> None:
    await visitor.fault("POST", "/oauth/token", "status", status=503)
    answer = await login(visitor, PAGE, client_id="spa-client")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, PAGE)
    await visitor.fault("OPTIONS", "/oauth/token", "status", status=204)
    assert not readable(await preflight(visitor, "/oauth/token", "POST"))
    await visitor.fault("POST", "/oauth/token", "drop_response")
    with pytest.raises(httpx.RemoteProtocolError):
        await login(visitor, PAGE, client_id="spa-client")
    await visitor.fault("OPTIONS", "/oauth/token", "reset")
    with pytest.raises(httpx.ReadError):
        await preflight(visitor, "/oauth/token", "POST")
    seen = (await visitor.http.get("/_control/requests")).json()
    assert [(call["method"], call["status"]) for call in seen] == [
        ("POST", 503),
        ("OPTIONS", 204),
        ("POST", 403),
        ("OPTIONS", None),
    ]


@pytest.mark.parametrize("url", ["http://[", "http://a:b", "mailto:ada@example.com", "http://", ":", "com.app:/x"])
def test_what_is_no_web_address_has_no_origin(url: str) -> None:
    assert origin_of(url) is None
