"""The search itself: finds a secret however it is written, and takes nothing else for one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.system.leaks.places import Place
from tests.system.leaks.search import Search
from tests.system.leaks.secrets import Secrets

KEY = bytes(range(200, 232))
MFA_TOKEN = "Fe26.2*SERVER_1700000000*" + "0a1b2c3d4e" * 4 + "*MTIzNDU2Nzg5MDEyMzQ1Ng*1700000600000*" + "f9e8d7c6b5" * 4
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhdXRoMHw1MDdmMWY3NyJ9.c2lnbmVkLWJ5LW5vYm9keS1hdC1hbGw"


def secrets() -> Secrets:
    known = Secrets()
    known.whole("user", "ada@people.example")
    known.whole("recovery code", "ABCDEFGHJKLMNPQRSTUVWX23")
    known.token("mfa_token", MFA_TOKEN)
    known.token("access token", JWT)
    known.key("sealing key", KEY)
    known.code("314159")
    known.number("+12125550123")
    known.number("+4915112345678")
    return known


SEARCH = Search(secrets())


def kinds(content: bytes) -> set[str]:
    return {hit.kind for hit in SEARCH.hits(Place("kind", "name", content))}


WRITTEN = [
    ("user", "of ada@people.example, who"),
    ("recovery code", "ABCDEFGHJKLMNPQRSTUVWX23"),
    ("mfa_token", MFA_TOKEN),
    ("mfa_token", MFA_TOKEN[:50]),
    ("mfa_token", "... (truncated) " + MFA_TOKEN[-20:]),
    ("access token", JWT),
    ("access token", JWT[-20:]),
    ("binding code", '{"code": "314159"}'),
    ("binding code", '{"code":314159}'),
    ("binding code", "code=314159&grant"),
    ("binding code", "sent 314159."),
    ("binding code", "sent 314-159, again"),
    ("binding code", "typed '314 159'"),
    ("binding code", json.dumps(json.dumps("one\n314159\ntwo"))),
    ("phone number", "+12125550123"),
    ("phone number", "12125550123"),
    ("phone number", "2125550123"),
    ("phone number", "(212) 555-0123"),
    ("phone number", "+1 212 555 0123"),
    ("phone number", "tel:+1-212-555-0123"),
    ("phone number", "212.555.0123"),
    ("phone number", "%2B12125550123"),
    ("phone number", "0151 12345678"),
    ("phone number", "+49 151 1234 5678"),
    ("sealing key", base64.b64encode(KEY).decode()),
    ("sealing key", base64.urlsafe_b64encode(KEY).decode()),
    ("sealing key", KEY.hex()),
    ("sealing key", repr(KEY)),
]


@pytest.mark.parametrize(("kind", "text"), WRITTEN)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_secret_is_found_raw_and_in_every_encoding(kind: str, text: str, before: str) -> None:
    content = f"{before} {text}".encode()
    written = (
        content,
        base64.b64encode(content),
        base64.urlsafe_b64encode(content).rstrip(b"="),
        content.hex().encode(),
        content.hex().upper().encode(),
    )
    assert [kind in kinds(b"around:" + one + b"\x00\xff") for one in written] == [True] * 5


def test_a_key_is_found_as_bytes() -> None:
    assert kinds(b"\x00\x01" + KEY + b"\x02") == {"sealing key"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25T10:00:00.314159Z",
        "took 0.314159 s",
        "0.3141592",
        "enroll-a314159b",
        "3141592",
        "1700314159",
        "550e8400-e29b-41d4-a716-446655314159",
        "127.0.0.1:314159",
        "+00:003141-59-26",
        "XXXXXXXX0123",
        "212 555 0124",
        "someone@people.example",
        "Fe26.2*SERVER_1700000000*",
        "eyJhbGciOiJSUzI1NiJ9",
        "ABCDEFGHJKLMNPQRSTUVWX24",
    ],
)
def test_what_is_no_secret_is_not_taken_for_one(text: str) -> None:
    assert kinds(f"so: {text}, and".encode()) == set()


@given(st.binary(max_size=200), st.sampled_from([text for _, text in WRITTEN]), st.binary(max_size=200))
def test_a_secret_is_found_wherever_it_stands(before: bytes, text: str, after: bytes) -> None:
    assert kinds(before + b"\n" + text.encode() + b"\n" + after)
