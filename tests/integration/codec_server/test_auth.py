"""Who is let in by a token of an issuer, and what they may do."""

import base64
import hmac
import json
import re
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import Keyring, Place, SealingCodec
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring
from tests.integration.codec_server.codec_process import (
    TOKEN,
    CodecProcess,
    body,
    codec_process,
    payloads_of,
    plain,
    raw,
    values,
)
from tests.integration.codec_server.issuer import AUDIENCE, Issuer, issuer, rsa_key

DECODE, REVEAL, ENCODE = "phone-mfa:decode", "phone-mfa:reveal", "phone-mfa:encode"
NUMBER = plain({"phone_number": "+15555550123", "mfa_token": "hush", "note": "to +15555550123"})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged(header: object, claims: dict[str, Any], key: bytes = b"") -> str:
    """A token put together by hand, for libraries refuse to."""
    signing = f"{b64(header)}.{b64(claims)}"
    mac = hmac.digest(key, signing.encode(), sha256) if key else b""
    return f"{signing}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("kid", ["rsa", "ec"])
@pytest.mark.parametrize("roles", [[DECODE], ["other", DECODE], DECODE, f"other {DECODE}"])
def test_a_token_with_the_role_is_let_in(by_issuer: CodecProcess, the_issuer: Issuer, kid: str, roles: object) -> None:
    answer = by_issuer.decode(plain("done"), **bearer(the_issuer.token(kid, roles=roles)))

    assert values(answer) == ["done"]
    assert by_issuer.lines[-1]["who"] == "auth0|ada"


@pytest.mark.parametrize("audience", [AUDIENCE, ["https://other.example", AUDIENCE]])
def test_one_audience_of_several_is_enough(by_issuer: CodecProcess, the_issuer: Issuer, audience: object) -> None:
    assert by_issuer.decode(**bearer(the_issuer.token(aud=audience))).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": str(int(time.time()) + 300)},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": True},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"aud": "https://other.example"},
        {"aud": None},
        {"iss": "https://other.example/"},
        {"iss": None},
        {"sub": None},
        {"sub": 5},
        {"jti": 5},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "a\nb"},
        {"sub": "x" * 129},
    ],
    ids=lambda change: re.sub(r"\d{10}", "TIME", str(change)),
)
def test_a_token_that_says_something_else_is_not(
    by_issuer: CodecProcess, the_issuer: Issuer, wrong: dict[str, Any]
) -> None:
    assert_not_proved(by_issuer, the_issuer.token(**wrong))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"iss": "https://other.example/"}, "invalid_claim_iss"),
        ({"aud": "https://other.example"}, "invalid_claim_aud"),
        ({"exp": None}, "missing_claim_exp"),
        ({"exp": 1}, "expired_token_exp"),
    ],
)
def test_the_log_names_the_claim(
    by_issuer: CodecProcess, the_issuer: Issuer, wrong: dict[str, Any], reason: str
) -> None:
    assert_not_proved(by_issuer, the_issuer.token(**wrong))

    assert by_issuer.lines[-1]["reason"] == reason


@pytest.mark.parametrize("late", [{"exp": -25}, {"nbf": 25}, {"iat": 25}], ids=str)
def test_clocks_may_differ_a_little(by_issuer: CodecProcess, the_issuer: Issuer, late: dict[str, int]) -> None:
    claims: dict[str, Any] = {name: int(time.time()) + seconds for name, seconds in late.items()}

    assert by_issuer.decode(**bearer(the_issuer.token(**claims))).status_code == 200


def test_a_header_may_say_more(by_issuer: CodecProcess, the_issuer: Issuer) -> None:
    header = {"kid": "rsa", "x5t": "AQ", "nonce": 1}
    token = jwt.encode(claims_of(the_issuer.token()), the_issuer.keys["rsa"], "RS256", headers=header)

    assert by_issuer.decode(**bearer(token)).status_code == 200


@pytest.mark.parametrize("critical", [5, [[]], ["exp"], ["b64"]], ids=str)
def test_a_header_may_say_nothing_critical(by_issuer: CodecProcess, the_issuer: Issuer, critical: object) -> None:
    header = {"kid": "rsa", "b64": True, "crit": critical}

    assert_not_proved(
        by_issuer, jwt.encode(claims_of(the_issuer.token()), the_issuer.keys["rsa"], "RS256", headers=header)
    )


def test_a_token_of_another_making_is_not(by_issuer: CodecProcess, the_issuer: Issuer) -> None:
    good = the_issuer.token()
    claims, kid = claims_of(good), {"kid": "rsa", "typ": "JWT"}
    head, said, signature = good.split(".")
    more = b64(claims | {"roles": [DECODE, REVEAL]})
    for token in (
        forged(kid | {"alg": "none"}, claims),
        forged(kid | {"alg": "None"}, claims),
        forged(kid | {"alg": "HS256"}, claims, the_issuer.pem()),
        forged(kid | {"alg": "HS256"}, claims, the_issuer.pem().strip()),
        forged({"alg": "RS256"}, claims),
        forged(kid, claims),
        forged(["alg"], claims),
        forged("alg", claims),
        forged(kid | {"alg": "ES256"}, claims),
        forged({"alg": "RS256", "kid": "ec"}, claims),
        "[" * 12_000 + "..",
        f"{base64.b64encode(b'[' * 9_000).decode()}.{said}.{signature}",
        f"{head}=.{said}.{signature}",
        forged({"alg": ["RS256"], "kid": {}}, claims),
        f"{head}.{more}.{signature}",
        f"{head}.{said}.",
        f"{head}.{said}",
        f"{head}.{said}.{signature[:-6]}AAAAAA",
        the_issuer.token(key=rsa_key()),
        the_issuer.token("ec", ec.generate_private_key(ec.SECP256R1())),
        jwt.encode(claims, the_issuer.keys["rsa"], "RS512", headers={"kid": "rsa"}),
        jwt.encode(claims, the_issuer.keys["rsa"], "PS256", headers={"kid": "rsa"}),
        "x",
        "x" * 20_000,
        "..",
        "é",
        TOKEN,
    ):
        assert_not_proved(by_issuer, token)


def assert_not_proved(process: CodecProcess, token: str) -> None:
    """The answer is the same whatever was wrong; the log knows."""
    answer = process.http.post("/decode", content="{}", headers={b"authorization": f"Bearer {token}".encode()})

    assert (answer.status_code, answer.json()) == (401, {"message": "Authentication required: send a valid token."})
    assert answer.headers["www-authenticate"] == 'Bearer realm="phone-mfa codec server"'
    line = process.lines[-1]
    assert (line["event"], line["status"], line["what"]) == ("codec.refused", 401, "decode")
    assert "who" not in line


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer"])
def test_no_token_is_401(by_issuer: CodecProcess, header: str) -> None:
    answer = by_issuer.decode(authorization=header)

    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("roles", [[], None, ["phone-mfa:decodes"], {DECODE: True}, 1, [REVEAL], [[DECODE]]])
def test_a_known_reader_without_the_role_is_403(by_issuer: CodecProcess, the_issuer: Issuer, roles: object) -> None:
    answer = by_issuer.decode(**bearer(the_issuer.token(roles=roles)))

    assert (answer.status_code, answer.json()) == (403, {"message": "You may not decode."})
    assert by_issuer.lines[-1]["who"] == "auth0|ada"
    assert by_issuer.lines[-1]["reason"] == "no_role_to_decode"


def test_who_may_reveal_sees_numbers_whole_and_leaves_a_line(
    by_issuer: CodecProcess, the_issuer: Issuer, sealing: SealingCodec
) -> None:
    token = the_issuer.token(roles=[DECODE, REVEAL])
    answer = by_issuer.http.post(
        "/decode",
        content=body([sealing.sealed(NUMBER)]),
        headers=[
            (b"authorization", f"Bearer {token}".encode()),
            (b"x-reveal", b"phone_number"),
            (b"x-reveal-reason", "asked by +1 555 555 0123, ticket T-7 für Ada".encode()),
        ],
    )
    decoded, revealed = by_issuer.lines[-2:]

    assert values(answer) == [{"phone_number": "+15555550123", "mfa_token": "[hidden]", "note": "to [hidden]"}]
    assert decoded["event"] == "codec.decoded"
    assert (revealed["event"], revealed["level"], revealed["who"]) == ("codec.revealed", "warning", "auth0|ada")
    assert (revealed["what"], revealed["why"]) == ("phone_number", "asked by [redacted], ticket T-7 für Ada")
    assert values(by_issuer.decode(NUMBER, **bearer(token)))[0]["phone_number"] == "XXXXXXXX0123"


def test_who_may_not_reveal_is_403_whatever_the_reason(by_issuer: CodecProcess, the_issuer: Issuer) -> None:
    for headers in ({"x_reveal_reason": "ticket T-7"}, {}):
        answer = by_issuer.decode(NUMBER, x_reveal="phone_number", **headers, **bearer(the_issuer.token()))
        assert (answer.status_code, answer.json()) == (403, {"message": "You may not reveal."})
        assert by_issuer.lines[-1]["reason"] == "no_role_to_reveal"


@pytest.mark.parametrize(
    "headers",
    [
        {"x_reveal": "phone_number"},
        {"x_reveal": "phone_number", "x_reveal_reason": "x" * 201},
        {"x_reveal": "mfa_token", "x_reveal_reason": "ticket T-7"},
        {"x_reveal": "phone_number,code", "x_reveal_reason": "ticket T-7"},
    ],
)
def test_revealing_needs_a_reason_and_is_for_numbers_only(
    by_issuer: CodecProcess, the_issuer: Issuer, headers: dict[str, str]
) -> None:
    answer = by_issuer.decode(NUMBER, **headers, **bearer(the_issuer.token(roles=[DECODE, REVEAL])))

    assert answer.status_code == 400
    assert "5555550123" not in raw(answer)


def test_who_may_encode_gets_payloads_sealed_as_they_are_for_the_flow_they_name(
    by_issuer: CodecProcess, the_issuer: Issuer, ring: Keyring
) -> None:
    answer = by_issuer.encode(NUMBER, Payload(), x_flow_id="enroll-1", **bearer(the_issuer.token(roles=[ENCODE])))

    there = SealingCodec(FixedRing(ring), "default", Place("enroll-1"))
    assert [there.opened(payload) for payload in payloads_of(answer)] == [NUMBER, Payload()]
    assert "5555550123" not in raw(answer)
    assert (by_issuer.lines[-1]["event"], by_issuer.lines[-1]["payloads"]) == ("codec.encoded", 2)


def test_nothing_is_sealed_for_no_flow(by_issuer: CodecProcess, the_issuer: Issuer) -> None:
    for headers in ({}, {"x_flow_id": "a flow"}):
        answer = by_issuer.encode(NUMBER, **headers, **bearer(the_issuer.token(roles=[ENCODE])))
        assert answer.status_code == 400
        assert answer.json() == {"message": "X-Flow-Id must name the flow that the payloads are for."}


def test_decoding_does_not_let_anybody_encode(
    by_issuer: CodecProcess, shared: CodecProcess, the_issuer: Issuer
) -> None:
    assert by_issuer.encode(NUMBER, **bearer(the_issuer.token(roles=[DECODE, REVEAL]))).status_code == 403
    assert shared.encode(NUMBER).status_code == 403
    assert shared.decode(NUMBER, x_reveal="phone_number", x_reveal_reason="T-7").status_code == 403
    assert shared.encode(NUMBER, authorization="").status_code == 401
    assert shared.encode().json() == {}, "nothing may be sealed by all: the CLI asks for it with every query"
    assert shared.encode(authorization="").status_code == 401


def test_claim_and_roles_have_the_names_that_are_set(tmp_path: Path, the_issuer: Issuer) -> None:
    settings = {
        "issuer": the_issuer.name,
        "audience": AUDIENCE,
        "roles_claim": "permissions",
        "decode_role": "read:flows",
        "PHONE_MFA_KEYS": new_ring().text(),
    }
    with codec_process(tmp_path, **settings) as process:
        granted = the_issuer.token(roles=None, permissions=["read:flows"])
        assert process.decode(**bearer(granted)).status_code == 200
        assert process.decode(**bearer(the_issuer.token())).status_code == 403


def test_a_new_key_is_fetched_and_unknown_ones_do_not_hammer_the_issuer(tmp_path: Path) -> None:
    with issuer() as ours:
        settings = {"issuer": ours.name, "audience": AUDIENCE, "PHONE_MFA_KEYS": new_ring().text()}
        with codec_process(tmp_path, **settings) as process:
            for number in range(30):
                assert_not_proved(
                    process, ours.token(f"made-up-{number}", rsa_key() if not number else ours.keys["rsa"])
                )
            assert process.decode(**bearer(ours.token())).status_code == 200
            assert ours.asked == 1


def test_while_the_issuer_is_down_nobody_is_called_a_liar(tmp_path: Path) -> None:
    with issuer() as ours:
        ours.down = True
        settings = {"issuer": ours.name, "audience": AUDIENCE, "PHONE_MFA_KEYS": new_ring().text()}
        with codec_process(tmp_path, **settings) as process:
            answers = [process.decode(**bearer(ours.token())) for _ in range(5)]
            assert process.decode(authorization="").status_code == 401
    for answer in answers:
        assert (answer.status_code, answer.json()) == (503, {"message": "Tokens cannot be checked now: try again."})
        assert 1 <= int(answer.headers["retry-after"]) <= 15
    assert ours.asked == 1


def test_cookies_and_the_page_are_not_for_servers_with_an_issuer(by_issuer: CodecProcess) -> None:
    assert by_issuer.http.get("/").status_code == 404
    assert by_issuer.http.post("/session", json={"token": TOKEN}).status_code == 404
