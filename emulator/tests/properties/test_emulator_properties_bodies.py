"""Any body is either processed or refused in its API's format without side effects."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.tests.properties.hostile_client import Hostile, Reply, bearer
from emulator.tests.properties.nonsense import BODIES, JSON, KINDS, MARK, examples
from emulator.tests.properties.surface import MEMBERS, ROUTES, SECRETS, Call, Scene, Watch, filled, shaped

CALLS = [
    *("login", "login to a realm", "refresh", "machine", "verify", "one-time password", "recovery", "challenge"),
    *("associate", "rename", "factor", "message types", "enroll a phone", "user", "client", "seed", "clock", "fault"),
    *("switches", "message fault", "rename a method", "managed user", "change a user", "ticket", "enroll by ticket"),
    *("provider", "provider of texts", "templates", "templates of texts", "brute force", "breached passwords"),
    *("suspicious addresses", "phone protection", "application", "grant", "scopes", "user change"),
    *("authorize", "page", "logout", "authorization code", "revocation", "refresh token rules"),
    *("device", "activation", "device code"),
]
ANSWERS = {f"/_control/messages/{{message_id}}/{answer}" for answer in ("approve", "deny")}
WITHOUT_A_BODY = {
    "/_control/reset",
    "/_control/blocks",
    "/api/v2/users/{user_id}/recovery-code-regeneration",
    *ANSWERS,
}
"""Calls that change something whatever they carry."""
USERINFO = "/userinfo"
"""Reads no body but a form, and changes nothing."""


def test_each_call_is_right_before_it_is_spoilt(hostile: Hostile, scene: Scene) -> None:
    assert sorted(scene.calls) == sorted(CALLS)
    for name, call in scene.calls.items():
        answer = hostile.json(call.method, call.path, call.body, call.token, call.cookie)
        unknown = name in ("one-time password", "recovery", "authorization code", "device code")
        fine = "invalid_grant" if unknown else "mfa_required"
        assert answer.status < 400 or answer.body["error"] == fine, (name, answer)


def test_every_route_that_reads_a_body_has_a_call(scene: Scene) -> None:
    reading = {(call.method, call.path.partition("?")[0]) for call in scene.calls.values()}
    written = {
        (method, filled(path, scene.parameters)) for method, path in ROUTES if method in ("PATCH", "POST", "PUT")
    }
    left = {
        (method, path) for method, path in written - reading if not path.startswith(("/_phone", "/_control/messages"))
    }
    assert left == {
        ("POST", "/_control/reset"),
        ("POST", USERINFO),
        ("POST", filled("/api/v2/users/{user_id}/recovery-code-regeneration", scene.parameters)),
        ("PUT", "/api/v2/guardian/factors/sms"),  # the call addresses another factor
        ("PUT", "/api/v2/guardian/policies"),  # this and the next take an array
        ("PUT", filled("/api/v2/users/{user_id}/authentication-methods", scene.parameters)),
    }


@pytest.mark.parametrize("value", ['"\\ud800"', "1e400", "NaN", "[" * 1100 + "]" * 1100])
def test_what_cannot_be_sent_back_is_refused_as_any_member(watch: Watch, scene: Scene, value: str) -> None:
    for call in scene.calls.values():
        for member in call.body:
            answer = spoilt(watch.hostile, call, member, value)
            assert (answer.status, shaped(call.path, answer)) == (400, True), (call, member, answer)
    assert watch.unchanged()


@pytest.mark.parametrize("value", [f'"{MARK}"', f'["{MARK}"]', f'{{"{MARK}":"{MARK}"}}'])
def test_no_secret_is_repeated_whatever_it_looks_like(watch: Watch, scene: Scene, value: str) -> None:
    for call in scene.calls.values():
        for member in SECRETS:
            assert MARK not in spoilt(watch.hostile, call, member, value).text
    watch.allow()


@examples(220)
@given(name=st.sampled_from(CALLS), data=st.data())
def test_any_value_of_any_member_is_right_or_refused(watch: Watch, scene: Scene, name: str, data: Any) -> None:
    call = scene.calls[name]
    member = data.draw(st.sampled_from([*call.body, *MEMBERS]), "member")
    value = data.draw(JSON, "value")
    answer = spoilt(watch.hostile, call, member, value)
    assert answer.status < 500, answer
    if of_another_type(call.body.get(member), value):
        assert answer.status >= 400, answer
    if member in SECRETS:
        assert MARK not in answer.text
    unchanged(watch, call, answer)


@examples(60)
@given(name=st.sampled_from(CALLS), body=JSON, token=st.booleans())
def test_any_json_in_place_of_a_body_is_refused_or_empty(
    watch: Watch, scene: Scene, name: str, body: str, token: bool
) -> None:
    call = scene.calls[name]
    headers = [bearer(call.token)] if token and call.token else []
    headers += [(b"Cookie", call.cookie.encode())] if call.cookie else []
    answer = watch.hostile.send(call.method.encode(), call.path.encode(), body.encode(), tuple(headers))
    assert answer.status < 500, answer
    assert answer.status >= 400 or harmless(body), answer
    unchanged(watch, call, answer)


@examples(140)
@given(route=st.sampled_from(ROUTES), body=BODIES, kind=st.sampled_from(KINDS), data=st.data())
def test_any_bytes_of_any_type_on_any_route_are_no_undoing(
    watch: Watch, scene: Scene, route: tuple[str, str], body: bytes, kind: bytes, data: Any
) -> None:
    method, template = route
    if template in WITHOUT_A_BODY and method != "GET":
        return
    parameters = scene.parameters if method in ("PATCH", "POST", "PUT") else {}
    path, token = filled(template, parameters), data.draw(st.sampled_from(["", *scene.tokens]), "token")
    headers = ((b"Content-Type", kind), *((bearer(token),) if token else ()))
    answer = watch.hostile.send(method.encode(), path.encode(), body, headers)
    assert answer.status < 500, answer
    if path.startswith(("/mfa/challenge", "/mfa/associate", "/oauth")):
        assert 400 <= answer.status
    unchanged(watch, Call(method, path, {}), answer)


@pytest.mark.parametrize(("size", "status"), [(2**20 - 1, 400), (2**20, 400), (2**20 + 1, 413), (3 * 2**20, 413)])
def test_a_body_over_a_mebibyte_is_too_large_on_every_route(watch: Watch, scene: Scene, size: int, status: int) -> None:
    for method, template in ROUTES:
        unread = template in {*WITHOUT_A_BODY, USERINFO} and status == 400
        if unread or (size <= 2**20 and method not in ("PATCH", "POST", "PUT")):
            continue
        path = filled(template, scene.parameters)
        headers = (bearer(scene.management_token),) if path.startswith("/api") else (bearer(scene.fresh_token),)
        answer = watch.hostile.send(method.encode(), path.encode(), b"{" * size, headers)
        assert (answer.status, "1048576 bytes" in answer.text) == (status, status == 413), (method, path, answer)
        assert path.startswith("/_phone") or shaped(path, answer)
    assert watch.unchanged()


def spoilt(hostile: Hostile, call: Call, member: str, value: str) -> Reply:
    """The call with a duplicate member, with this text."""
    body = f"{json.dumps(call.body)[:-1]},{json.dumps(member)}:{value}}}"
    headers = [(b"Content-Type", b"application/json"), *([bearer(call.token)] if call.token else [])]
    headers += [(b"Cookie", call.cookie.encode())] if call.cookie else []
    return hostile.send(call.method.encode(), call.path.encode(), body.encode(), tuple(headers))


def unchanged(watch: Watch, call: Call, answer: Reply) -> None:
    """A refusal has its API's format and changes nothing; changes of accepted calls are undone."""
    if answer.status < 400:
        watch.allow()
        return
    # The `refresh_token` of an application is no secret, but its rules.
    sent = (text for name, text in call.body.items() if name in SECRETS and isinstance(text, str) and len(text) > 2)
    assert not any(text in answer.text for text in sent), answer
    assert call.path.startswith("/_phone") or shaped(call.path, answer), answer
    assert watch.unchanged()


def of_another_type(right: object, text: str) -> bool:
    """Whether the text is JSON of a different type than the valid value; null counts as absent."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return True
    if right is None or value is None:
        return False
    if isinstance(right, float | int) and not isinstance(right, bool):
        return isinstance(value, bool) or not isinstance(value, float | int)
    return type(value) is not type(right)


def harmless(body: str) -> bool:
    """Whether it requests nothing. What is no JSON was not read, as with GET."""
    try:
        read = json.loads(body or "{}")
    except (ValueError, RecursionError):
        return True
    return not isinstance(read, dict) or not read
