"""Which texts are flow tokens. They are put together by hand, because libraries refuse to sign most of them."""

import contextlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest

from gateway.flow_tokens import AUDIENCE, MAX_LIFETIME, FlowToken, FlowTokens
from phone_mfa.encryption import Keyring
from phone_mfa.encryption.keyring_source import FixedRing, WatchedRing
from phone_mfa.encryption.rotation import new_ring, renamed, rotated, without
from phone_mfa.signed_tokens import ISSUER, MAX_TOKEN_LENGTH, SignedTokenError, signing_key
from tests.unit.encryption.rings import write

FIRST = new_ring()
RING = rotated(FIRST)
HALF_AN_HOUR = timedelta(minutes=30)
TOKENS = FlowTokens(FixedRing(RING), HALF_AN_HOUR)
KEY = signing_key(RING.keys[RING.current].key).raw_value
HEADER = {"alg": "HS256", "typ": "JWT", "kid": RING.current}


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def signed(payload: bytes, header: bytes = json.dumps(HEADER).encode(), key: bytes = KEY) -> str:
    signing = f"{b64(header)}.{b64(payload)}"
    return f"{signing}.{b64(hmac.digest(key, signing.encode(), sha256))}"


def header(**changed: object) -> bytes:
    """A good header; ``changed``: other members, and None takes one away."""
    return json.dumps({name: value for name, value in (HEADER | changed).items() if value is not None}).encode()


def claims(**changed: object) -> bytes:
    """A good payload; ``changed``: other claims, and None takes one away."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "enroll-a", "run": "r", "key": "k", "iat": time.time()}
    all_of_them = good | {"exp": int(time.time()) + 60} | changed
    return json.dumps({name: value for name, value in all_of_them.items() if value is not None}).encode()


def test_a_token_says_what_it_was_issued_for_and_another_library_reads_it() -> None:
    text, token = TOKENS.issue("enroll-a", "run", "key")

    assert TOKENS.read(text) == token
    assert (token.flow_id, token.run_id, token.key_id, token.signed_with) == ("enroll-a", "run", "key", RING.current)
    assert jwt.get_unverified_header(text) == HEADER
    read = jwt.decode(text, KEY, ["HS256"], audience=AUDIENCE, issuer=ISSUER)
    assert set(read) == {"iss", "aud", "sub", "run", "key", "iat", "exp"}
    assert datetime.fromtimestamp(read["exp"], UTC) == token.expires_at


@pytest.mark.parametrize("ahead", [-86_000, 0, 20, 55])
def test_a_token_of_a_gateway_whose_clock_is_a_little_ahead_is_good(ahead: int) -> None:
    assert TOKENS.read(signed(claims(iat=time.time() + ahead))).flow_id == "enroll-a"


@pytest.mark.parametrize("ahead", [65, 3_600, 86_400, 1e300])
def test_a_token_from_the_future_is_none(ahead: float) -> None:
    now = time.time()
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(claims(iat=now + ahead, exp=int(now + min(ahead, 10**9)) + 60)))


DAY = 86_400


@pytest.mark.parametrize(("issued", "ends", "good"), [(0, DAY - 1, True), (0, DAY + 2, False), (-DAY, 60, False)])
def test_a_token_lives_a_day_at_most_whatever_it_says(issued: int, ends: int, good: bool) -> None:
    now = int(time.time())
    text = signed(claims(iat=now + issued, exp=now + ends))
    with contextlib.nullcontext() if good else pytest.raises(SignedTokenError):
        assert TOKENS.read(text).flow_id == "enroll-a"


def test_no_gateway_issues_a_token_for_longer_than_a_day() -> None:
    for lifetime in (MAX_LIFETIME, timedelta(minutes=1)):
        tokens = FlowTokens(FixedRing(RING), lifetime)
        assert tokens.read(tokens.issue("enroll-a", "run", "key")[0]).run_id == "run"
    with pytest.raises(ValueError, match="a day"):
        FlowTokens(FixedRing(RING), MAX_LIFETIME + timedelta(seconds=1))


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
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(claims(**wrong)))


BAD_HEADERS = [
    *(header(alg=alg) for alg in ("none", "HS512", "RS256", "ES256", "hs256", ["HS256"], None)),
    *(header(typ=typ) for typ in ("JOSE", 5, None)),
    *(header(kid=kid) for kid in ("k", "", " ", 5, True, ["k"], [RING.current], {"k": 1}, None)),
    header(kid=FIRST.current),
    header(kid=RING.current.upper()),
    *(header(crit=crit) for crit in (1, ["x"], ["kid"])),
    header(crit=["b64"], b64=True),
    header(jwk={"kty": "oct", "k": b64(b"k" * 32)}),
    header(jku="https://example.com/jwks.json"),
    *(b'["alg"]', b'"alg"', b"5", b"null", b"{", b"\xff", b"", b"[" * 380, b"[" * 1500),
]


@pytest.mark.parametrize("header", BAD_HEADERS, ids=range(len(BAD_HEADERS)))
def test_another_header_is_no_token(header: bytes) -> None:
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(claims(), header))


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"5", b"{", b"\xff", b"[" * 1300], ids=lambda payload: str(payload)[:9]
)
def test_another_payload_is_no_token(payload: bytes) -> None:
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(payload))


def test_an_unencoded_payload_is_no_token() -> None:
    signing = b64(header(crit=["b64"], b64=False)) + "." + claims(iat=1).decode()
    with pytest.raises(SignedTokenError):
        TOKENS.read(f"{signing}.{b64(hmac.digest(KEY, signing.encode(), sha256))}")


@pytest.mark.parametrize("text", ["", ".", "..", "...", "é", "\ud800", "a" * (MAX_TOKEN_LENGTH + 1)])
def test_another_text_is_no_token(text: str) -> None:
    with pytest.raises(SignedTokenError):
        TOKENS.read(text)


def test_a_longer_text_is_no_token_however_good() -> None:
    assert TOKENS.read(signed(claims().ljust(1000))).run_id == "r"
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(claims().ljust(MAX_TOKEN_LENGTH)))


def read(text: str, ring: Keyring) -> FlowToken:
    return FlowTokens(FixedRing(ring), HALF_AN_HOUR).read(text)


def issued(ring: Keyring) -> str:
    return FlowTokens(FixedRing(ring), HALF_AN_HOUR).issue("enroll-a", "run", "key")[0]


def test_a_token_of_a_former_key_is_good_until_that_key_is_dropped() -> None:
    text = issued(FIRST)

    assert read(text, FIRST) == read(text, RING) == read(text, renamed(RING))
    with pytest.raises(SignedTokenError):
        read(text, without(RING, [FIRST.current]))


def test_the_tokens_of_the_former_keys_can_be_revoked_while_the_keys_stay() -> None:
    revoked = rotated(RING, revoke_tokens=True)

    for ring in (FIRST, RING):
        for later in (revoked, rotated(revoked)):
            with pytest.raises(SignedTokenError):
                read(issued(ring), later)
    assert read(issued(revoked), rotated(revoked)).signed_with == revoked.current


def test_a_token_of_another_ring_is_none_whichever_key_it_names() -> None:
    theirs = new_ring()
    key = signing_key(theirs.keys[theirs.current].key).raw_value

    for text in (issued(theirs), signed(claims(), key=key), signed(claims(), header(kid=theirs.current))):
        with pytest.raises(SignedTokenError):
            TOKENS.read(text)


@pytest.mark.parametrize("key", [RING.naming_key, RING.keys[RING.current].key, b""], ids=["naming", "sealing", "none"])
def test_nothing_else_in_the_ring_signs_a_token(key: bytes) -> None:
    with pytest.raises(SignedTokenError):
        TOKENS.read(signed(claims(), key=key))


def test_a_running_gateway_follows_the_key_file_and_looks_at_once_for_a_key_it_lacks(tmp_path: Path) -> None:
    file, clock = tmp_path / "keys.json", lambda: 0.0
    write(file, FIRST.text())
    tokens = FlowTokens(WatchedRing(file, clock), HALF_AN_HOUR)

    write(file, RING.text())
    of_another_gateway = tokens.read(issued(RING))
    own, _ = tokens.issue("enroll-a", "run", "key")

    assert of_another_gateway.signed_with == RING.current
    assert jwt.get_unverified_header(own)["kid"] == RING.current
    assert tokens.accepts(FIRST.current)
