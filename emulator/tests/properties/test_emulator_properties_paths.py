"""Any method, path, query and Authorization header: no server error, and no change."""

import base64
import json
import re
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.tests.properties.hostile_client import bearer
from emulator.tests.properties.nonsense import JSON, examples
from emulator.tests.properties.surface import ROUTES, Scene, Watch, filled, shaped

TEMPLATES = sorted({path for _, path in ROUTES})
METHODS = [
    b"GET",
    b"HEAD",
    b"POST",
    b"PUT",
    b"PATCH",
    b"DELETE",
    b"OPTIONS",
    b"TRACE",
    b"BREW",
    b"get",
    b"!#$%&'*+.^_`|~",
]
ODD_PIECES = [
    *(b"/", b"//", b"%2F", b"%2f..%2f", b"/./", b"/../", b"..", b"%00", b"%0d%0a", b"%ff", b"%ed%a0%80", b"%", b"%zz"),
    *(b";a=b", b"#x", b"\\", b"*", b"{user_id}", b"%7Bname%7D", b"@", b":", b"%252e", b"a" * 9000, b"%C3%A9" * 50),
]
QUERIES = [b"", b"?", b"?" + b"a=" * 3000, b"?to=%ff&type=%00", b"?fields=,,&fields=name", b"?user_id=%ed%a0%80&&=&?"]
TARGET = st.integers(0x21, 0x7E)
"""Characters of a request target; the raw properties cover other bytes."""


@examples(160)
@given(
    method=st.sampled_from(METHODS),
    template=st.sampled_from(TEMPLATES),
    cut=st.integers(0, 60),
    odd=st.lists(st.sampled_from(ODD_PIECES) | st.lists(TARGET, max_size=8).map(bytes), max_size=3).map(b"".join),
    query=st.sampled_from(QUERIES) | st.lists(TARGET, max_size=20).map(lambda text: b"?" + bytes(text)),
)
def test_any_method_on_any_path_is_answered_in_the_words_of_its_plane(
    watch: Watch, scene: Scene, method: bytes, template: str, cut: int, odd: bytes, query: bytes
) -> None:
    right = filled(template, scene.parameters).encode()
    target = b"/" + (right[:-cut] + odd + right[-cut:]).lstrip(b"/") + query
    path = unquote(target.partition(b"?")[0].decode())
    # These work, however the path is spelled.
    if path == "/_control/reset" or (method == b"DELETE" and path.startswith("/_control/users/")):
        return
    answer = watch.hostile.send(method, target, b"", (bearer(scene.fresh_token),))
    assert answer.status < 500, answer
    if answer.status >= 400 and method != b"HEAD" and not path.startswith("/_phone"):
        assert shaped(path, answer), answer
    assert watch.unchanged()


@pytest.mark.parametrize(
    "method", [b"DELETE", b"GET", b"OPTIONS", b"PATCH", b"POST", b"PUT", b"TRACE", b"BREW", b"get"]
)
def test_a_method_that_a_path_does_not_have_is_not_allowed(watch: Watch, scene: Scene, method: bytes) -> None:
    for template in TEMPLATES:
        path = filled(template, scene.parameters)
        there = {known for known, other in ROUTES if re.fullmatch(re.sub(r"{\w+}", "[^/]+", other), path)}
        if method.decode() in there or path.startswith("/_phone"):
            continue
        answer = watch.hostile.send(method, path.encode())
        assert (answer.status, shaped(path, answer)) == (405, True), (method, path, answer)
    assert watch.unchanged()


@examples(60)
@given(header=st.binary(max_size=30), scheme=st.sampled_from([b"", b"Bearer ", b"Basic ", b"basic ", b"DPoP "]))
def test_an_authorization_of_any_bytes_opens_nothing(watch: Watch, header: bytes, scheme: bytes) -> None:
    sent = header.translate(None, b"\r\n\x00")
    for method, path in ((b"GET", b"/mfa/authenticators"), (b"GET", b"/api/v2/clients"), (b"POST", b"/oauth/token")):
        body = b'{"grant_type":"password","username":"ada@example.com","password":"x"}'
        answer = watch.hostile.send(method, path, body, ((b"Authorization", scheme + sent),))
        assert answer.status in (400, 401), answer  # 400 for control characters, which HTTP does not allow
    assert watch.unchanged()


@examples(60)
@given(which=st.sampled_from(["access", "management", "id"]), data=st.data())
def test_a_token_that_was_tampered_with_opens_nothing(watch: Watch, scene: Scene, which: str, data: Any) -> None:
    token = {"access": scene.access_token, "management": scene.management_token, "id": scene.id_token}[which]
    forged = data.draw(st.sampled_from(FORGERIES))(token, watch, data)
    for path in (b"/mfa/authenticators", b"/api/v2/clients"):
        answer = watch.hostile.send(b"GET", path, b"", ((b"Authorization", b"Bearer " + forged),))
        assert answer.status in (400, 401), answer
        assert forged.decode("latin-1") not in answer.text
    assert watch.unchanged()


def _other_claims(token: str, _: Watch, data: Any) -> bytes:
    head, body, signature = token.split(".")
    name = data.draw(st.sampled_from(["aud", "exp", "iss", "sub", "scope", "gty", "azp", "iat", "nbf", "jti"]), "claim")
    return _joined(head, _packed(_read(body) | {name: data.draw(st.none() | st.integers() | st.text())}), signature)


def _any_segment(token: str, _: Watch, data: Any) -> bytes:
    parts = token.split(".")
    parts[data.draw(st.integers(0, 1))] = _base64(data.draw(JSON, "segment").encode()[:20_000])
    return _joined(*parts)


def _other_head(token: str, _: Watch, data: Any) -> bytes:
    head, body, signature = token.split(".")
    odd = [{"alg": "none"}, {"alg": "NONE"}, {"alg": None}, {"alg": ["RS256"]}, {"alg": "RS512"}, {"kid": "other"}]
    odd += [{"kid": 1}, {"crit": ["b64"], "b64": False}, {"jku": "http://localhost/"}, {"alg": {}}]
    changed = _packed(_read(head) | data.draw(st.sampled_from(odd), "head"))
    return _joined(changed, body, data.draw(st.sampled_from(["", signature])))


def _signed_with_the_public_key(token: str, watch: Watch, _: Any) -> bytes:
    keys = watch.hostile.http.get("/.well-known/jwks.json").json()
    # The library rejects a PEM key as an HMAC secret; text of the same numbers tests the same.
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, keys["keys"][0]["n"], "HS256", {"kid": keys["keys"][0]["kid"]}).encode()


def _other_signature(token: str, _: Watch, data: Any) -> bytes:
    head, body, signature = token.split(".")
    right = base64.urlsafe_b64decode(signature + "==")
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = right[:place] + bytes([right[place] ^ data.draw(st.integers(1, 255))]) + right[place + 1 :]
    return _joined(head, body, _base64(data.draw(st.sampled_from([wrong, right[:-1], b"", right + right]))))


FORGERIES = [_other_claims, _any_segment, _other_head, _signed_with_the_public_key, _other_signature]


def _read(segment: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(segment + "=="))


def _packed(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _joined(*parts: str) -> bytes:
    return ".".join(parts).encode()
