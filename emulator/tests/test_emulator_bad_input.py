"""No input breaks the emulator: each invalid call is refused in its API's format."""

import base64
import json

import pytest

from emulator.tests.visitor import OOB, Visitor, refusal


@pytest.mark.parametrize(
    "assertion", ["", ".", "..", "a.b.c", base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.e30", "é.é.é"]
)
async def test_an_assertion_that_is_no_token_is_an_unproven_application(visitor: Visitor, assertion: str) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    body = {"grant_type": OOB, "client_assertion": assertion, "client_assertion_type": kind}
    assert refusal(await visitor.http.post("/oauth/token", json=body))[:2] == (401, "access_denied")


@pytest.mark.parametrize("header", [b"Bearer \xff\xfe", b"Bearer a.b.c.d", b"Bearer Fe26.2*", b"\x80", b"Bearer"])
async def test_a_bearer_of_any_bytes_is_refused(visitor: Visitor, header: bytes) -> None:
    for path, status in (("/mfa/authenticators", 401), ("/api/v2/clients", 400)):
        answer = await visitor.http.get(path, headers={b"Authorization": header})
        assert answer.status_code == status


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
        ({"logins": {"per_seconds": 1e-320}}, "logins.per_seconds"),
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


async def test_text_that_cannot_be_sent_back_is_refused_on_arrival(visitor: Visitor) -> None:
    body = json.dumps({"email": "a\ud800@example.com", "password": "x"})
    answer = await visitor.http.post("/_control/users", content=body)
    assert answer.json() == {"error": "The request body must be a JSON object."}


async def test_a_number_that_cannot_be_sent_back_is_refused_on_arrival(visitor: Visitor) -> None:
    body = b'{"method":"GET","path":"/","kind":"status","body":1e400}'
    answer = await visitor.http.post("/_control/faults", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "The request body must be a JSON object."})
