"""No input whatever is the emulator's undoing: each call is refused in the shape of the plane it was to."""

import base64
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.emulator.visitor import CREDENTIALS, OOB, PASSWORD, Visitor, bearer, refusal

POSTS = [
    "/oauth/token",
    "/mfa/challenge",
    "/_control/users",
    "/_control/clients",
    "/_control/clock",
    "/_control/faults",
]
BODIES = [
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"1",
    b"\x00",
    b"\xff\xfe",
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"email":"\\ud800@b","password":"x"}',
    b'{"\\udfff":1}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"a":' + b"9" * 5000 + b"}",
    b"grant_type=%ff&a=b",
    b"a=%ed%a0%80",
    b"&".join(b"a=b" for _ in range(2000)),
    b"=&=&;;",
]
NASTY: list[object] = [
    None,
    True,
    0,
    -1,
    1e308,
    [],
    [[]],
    {},
    {"a": 1},
    "",
    "\x00",
    "é\u2028",
    "x" * 10_000,
    ["a", "b"],
]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", "\xff"]
)
async def test_a_body_that_is_no_object_is_a_bad_request(visitor: Visitor, content_type: str) -> None:
    headers = {b"Content-Type": content_type.encode("latin-1")}
    for path in POSTS:
        for body in BODIES:
            answer = await visitor.http.post(path, content=body, headers=headers)
            assert answer.status_code in (400, 401), (path, body[:40], answer.text)
            assert isinstance(answer.json()["error"], str)


async def test_any_value_of_any_parameter_is_answered_by_a_refusal(visitor: Visitor) -> None:
    token = await visitor.mfa_token(await visitor.person())
    whole: dict[str, dict[str, object]] = {
        "/oauth/token": {"grant_type": OOB, "mfa_token": token, "oob_code": "a", "binding_code": "b", **CREDENTIALS},
        "/mfa/challenge": {"mfa_token": token, "challenge_type": "oob", "authenticator_id": "sms|x", **CREDENTIALS},
        "/mfa/associate": {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+1"},
    }
    for path, body in whole.items():
        for name in [*body, "client_assertion", "client_assertion_type"]:
            for value in NASTY:
                answer = await visitor.http.post(path, json=body | {name: value}, headers=bearer(token))
                assert 400 <= answer.status_code < 500, (path, name, value)
                assert list(answer.json()) == ["error", "error_description"]


@pytest.mark.parametrize("name", ["username", "password", "audience", "scope", "realm"])
async def test_any_value_of_a_login_is_answered(visitor: Visitor, name: str) -> None:
    person = await visitor.person()
    for grant in ("password", "http://auth0.com/oauth/grant-type/password-realm"):
        body = dict(CREDENTIALS, grant_type=grant, username=person.email, password=PASSWORD)
        for value in NASTY:
            answer = await visitor.http.post("/oauth/token", json=body | {name: value})
            assert 400 <= answer.status_code < 500, (name, value)


@pytest.mark.parametrize(
    "assertion", ["", ".", "..", "a.b.c", base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.e30", "é.é.é"]
)
async def test_an_assertion_that_is_no_token_is_an_unproven_application(visitor: Visitor, assertion: str) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    body = {"grant_type": OOB, "client_assertion": assertion, "client_assertion_type": kind}
    assert refusal(await visitor.http.post("/oauth/token", json=body))[:2] == (401, "invalid_client")


@pytest.mark.parametrize("header", [b"Bearer \xff\xfe", b"Bearer a.b.c.d", b"Bearer Fe26.2*", b"\x80", b"Bearer"])
async def test_a_bearer_of_any_bytes_is_unauthorized(visitor: Visitor, header: bytes) -> None:
    for path in ("/mfa/authenticators", "/api/v2/clients"):
        answer = await visitor.http.get(path, headers={b"Authorization": header})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("users", {"password": "x"}, "email"),
        ("users", {"email": "no at sign", "password": "x"}, "email"),
        ("users", {"email": "a@b", "password": ""}, "password"),
        ("users", {"email": "a@b", "password": "x", "email_verified": "yes"}, "email_verified"),
        ("users", {"email": "a@b", "password": "x", "colour": "red"}, "colour"),
        ("clients", {}, "client_id"),
        ("clock", {}, "advance_seconds"),
        ("clock", {"advance_seconds": -1}, "advance_seconds"),
        ("clock", {"advance_seconds": True}, "advance_seconds"),
        ("clock", {"advance_seconds": 10**300}, "advance_seconds"),
        ("clock", {"advance_seconds": 10**400}, "advance_seconds"),
        ("clock", {"set": None, "frozen": None}, "advance_seconds, set or frozen"),
        ("clock", {"set": "tomorrow"}, "set"),
        ("clock", {"set": "2026-01-31"}, "set"),
        ("clock", {"set": "0001-01-01T00:00:00+23:59"}, "set"),
        ("clock", {"set": "9999-12-31T23:59:59-23:59"}, "set"),
        ("clock", {"set": 978_307_199}, "set"),
        ("clock", {"set": 10**400}, "set"),
        ("clock", {"set": True}, "set"),
        ("clock", {"set_to": 0}, "set_to"),
        ("clock", {"frozen": 1}, "frozen"),
        ("faults", {"method": "GET", "path": "/", "kind": "explode"}, "kind"),
        ("faults", {"method": "GET", "path": "/", "kind": "status", "status": 99}, "status"),
        ("faults", {"method": "GET", "path": "/", "kind": "status", "times": 0}, "times"),
        ("faults", {"method": "GET", "path": "/", "kind": "status", "headers": {"a": "b\r\nc: d"}}, "headers.a"),
        ("faults", {"method": "GET", "path": "/", "kind": "status", "headers": {"Content-Length": "1"}}, "headers"),
        ("faults", {"method": "GET", "path": "/", "kind": "delay", "seconds": 1e9}, "seconds"),
        ("message-faults", {}, "kind"),
        ("message-faults", {"kind": "explode"}, "kind"),
        ("message-faults", {"kind": "drop", "channel": "fax"}, "channel"),
        ("message-faults", {"kind": "drop", "times": 0}, "times"),
        ("message-faults", {"kind": "drop", "to": ""}, "to"),
        ("message-faults", {"kind": "delay", "seconds": 1e9}, "seconds"),
        ("message-faults", {"kind": "fail", "code": "a b"}, "code"),
    ],
)
async def test_the_control_plane_names_the_wrong_field(
    visitor: Visitor, path: str, body: dict[str, object], field: str
) -> None:
    answer = await visitor.http.post(f"/_control/{path}", json=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(field)


@pytest.mark.parametrize(
    ("switches", "field"),
    [
        ({"chanels": []}, "chanels"),
        ({"channels": ["fax"]}, "channels.0"),
        ({"mfa_grant": "yes"}, "mfa_grant"),
        ({"code_seconds": 0}, "code_seconds"),
        ({"sends": {"burst": -1}}, "sends.burst"),
        ({"rate_limit": {"burst": 1}}, "rate_limit.per_seconds"),
        ({"refusals": {"expired_token": {"status": 200}}}, "refusals.expired_token.status"),
        ({"undeliverable": "+1"}, "undeliverable"),
    ],
)
async def test_a_bad_switch_is_named_and_changes_nothing(
    visitor: Visitor, switches: dict[str, object], field: str
) -> None:
    before = await visitor.control("GET", "tenant")
    answer = await visitor.http.patch("/_control/tenant", json=switches)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{field}: ")
    assert await visitor.control("GET", "tenant") == before


@pytest.mark.parametrize("path", ["/oauth/token", "/mfa/associate", "/_control/users", "/api/v2/clients"])
async def test_a_body_over_a_megabyte_is_too_large(visitor: Visitor, path: str) -> None:
    answer = await visitor.http.post(path, content=b"x" * 3_000_000)
    assert answer.status_code == 413
    assert "1048576 bytes" in answer.text


@pytest.mark.parametrize("path", ["/", "/mfa", "/mfa/", "/mfa/authenticators/", "/x" * 2000, "/%00", "/%ff", "//"])
async def test_an_unknown_path_is_not_found_in_json(visitor: Visitor, path: str) -> None:
    assert refusal(await visitor.http.request("POST", str(visitor.http.base_url) + path)) == (
        404,
        "not_found",
        "Not Found",
    )


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "TRACE", "BREW"])
async def test_an_unknown_method_is_not_allowed_in_json(visitor: Visitor, method: str) -> None:
    answer = await visitor.http.request(method, "/oauth/token")
    assert refusal(answer) == (405, "method_not_allowed", "Method Not Allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /mfa/authenticators HTTP/1.0\r\n\r\n",
        b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: \xff]:x\r\n\r\n",
        b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_odd_http_is_never_a_server_error(visitor: Visitor, address: str, head: bytes) -> None:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(head)
        status = int(connection.makefile("rb").readline().split()[1])
    assert 200 <= status < 500
    assert (await visitor.control("GET", "health")) == {"status": "ok"}


async def test_text_that_cannot_be_sent_back_is_refused_on_arrival(visitor: Visitor) -> None:
    body = json.dumps({"email": "a\ud800@example.com", "password": "x"})
    answer = await visitor.http.post("/_control/users", content=body)
    assert answer.json() == {"error": "The request body must be a JSON object."}
