"""Which texts are flow tokens. They are put together by hand, because libraries refuse to sign most of them."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
import pytest

from gateway.flow_tokens import AUDIENCE, ISSUER, MAX_TOKEN_LENGTH, FlowTokenError, FlowTokens
from tests.keys import NAMING_KEY

TOKENS = FlowTokens(NAMING_KEY, timedelta(minutes=30))
HEADER = {"alg": "HS256", "typ": "JWT"}


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def signed(payload: bytes, header: bytes = json.dumps(HEADER).encode()) -> str:
    signing = f"{b64(header)}.{b64(payload)}"
    return f"{signing}.{b64(hmac.digest(TOKENS._key.raw_value, signing.encode(), sha256))}"


def claims(**changed: object) -> bytes:
    """A good payload; ``changed``: other claims, and None takes one away."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "enroll-a", "run": "r", "key": "k", "iat": time.time()}
    all_of_them = good | {"exp": int(time.time()) + 60} | changed
    return json.dumps({name: value for name, value in all_of_them.items() if value is not None}).encode()


def test_a_token_says_what_it_was_issued_for_and_another_library_reads_it() -> None:
    text, token = TOKENS.issue("enroll-a", "run", "key")

    assert TOKENS.read(text) == token
    assert (token.flow_id, token.run_id, token.key_id) == ("enroll-a", "run", "key")
    assert jwt.get_unverified_header(text) == HEADER
    read = jwt.decode(text, TOKENS._key.raw_value, ["HS256"], audience=AUDIENCE, issuer=ISSUER)
    assert set(read) == {"iss", "aud", "sub", "run", "key", "iat", "exp"}
    assert datetime.fromtimestamp(read["exp"], UTC) == token.expires_at


@pytest.mark.parametrize("ahead", [0, 20, 86_400])
def test_a_token_issued_in_the_future_is_good(ahead: int) -> None:
    assert TOKENS.read(signed(claims(iat=time.time() + ahead))).flow_id == "enroll-a"


def test_a_claim_of_a_newer_gateway_is_ignored() -> None:
    assert TOKENS.read(signed(claims(scope="new"))).flow_id == "enroll-a"


BAD_CLAIMS: list[dict[str, Any]] = [
    *({name: None} for name in ("iss", "aud", "sub", "run", "key", "iat", "exp")),
    *({name: 5} for name in ("iss", "aud", "sub", "run", "key")),
    *({name: ["a"]} for name in ("iss", "sub", "run", "key")),
    {"aud": [AUDIENCE]},
    *({"exp": value} for value in (0, -1, -(10**18), 10**12, 10**17, 10**20, 10**400, 9e9, "9999999999", True, [1])),
    *({"exp": float(value)} for value in ("nan", "inf", "-inf")),
    *({"iat": value} for value in ("1", True, 10**400, float("nan"), float("inf"))),
]


@pytest.mark.parametrize("wrong", BAD_CLAIMS, ids=lambda wrong: str(wrong)[:30])
def test_claims_of_another_kind_are_no_token(wrong: dict[str, Any]) -> None:
    with pytest.raises(FlowTokenError):
        TOKENS.read(signed(claims(**wrong)))


BAD_HEADERS = [
    b'{"alg":"none","typ":"JWT"}',
    b'{"alg":"HS512","typ":"JWT"}',
    b'{"alg":["HS256"],"typ":"JWT"}',
    b'{"alg":"HS256"}',
    b'{"alg":"HS256","typ":"JWT","kid":"k"}',
    b'{"alg":"HS256","typ":"JWT","crit":1}',
    b'{"alg":"HS256","typ":"JWT","crit":["x"],"x":1}',
    b'{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}',
    *(b'["alg"]', b'"alg"', b"5", b"null", b"{", b"\xff", b"", b"[" * 380, b"[" * 1500),
]


@pytest.mark.parametrize("header", BAD_HEADERS, ids=lambda header: str(header)[:50])
def test_another_header_is_no_token(header: bytes) -> None:
    with pytest.raises(FlowTokenError):
        TOKENS.read(signed(claims(), header))


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"5", b"{", b"\xff", b"[" * 1300], ids=lambda payload: str(payload)[:9]
)
def test_another_payload_is_no_token(payload: bytes) -> None:
    with pytest.raises(FlowTokenError):
        TOKENS.read(signed(payload))


def test_an_unencoded_payload_is_no_token() -> None:
    signing = b64(b'{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":false}') + "." + claims(iat=1).decode()
    with pytest.raises(FlowTokenError):
        TOKENS.read(f"{signing}.{b64(hmac.digest(TOKENS._key.raw_value, signing.encode(), sha256))}")


@pytest.mark.parametrize("text", ["", ".", "..", "...", "é", "\ud800", "a" * (MAX_TOKEN_LENGTH + 1)])
def test_another_text_is_no_token(text: str) -> None:
    with pytest.raises(FlowTokenError):
        TOKENS.read(text)


def test_a_longer_text_is_no_token_however_good() -> None:
    assert TOKENS.read(signed(claims().ljust(1000))).run_id == "r"
    with pytest.raises(FlowTokenError):
        TOKENS.read(signed(claims().ljust(MAX_TOKEN_LENGTH)))
