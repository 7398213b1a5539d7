"""Cookies and origins: which pages may ask with somebody's browser, and which may read the answer."""

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.codec_server import SharedTokenAuthenticator
from phone_mfa.codec_server.auth import Credentials, NotAuthenticatedError, Role
from phone_mfa.codec_server.shared_token import SESSION_SECONDS
from tests.integration.codec_server.codec_process import ORIGIN, TOKEN, CodecProcess, body, plain, values

PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,x-namespace"}


def signed_in(process: CodecProcess, token: str = TOKEN, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{process.address}/session",
        json={"token": token},
        headers={"origin": process.address} | {name.replace("_", "-"): text for name, text in headers.items()},
        trust_env=False,
    )


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def ask(process: CodecProcess, **headers: str) -> httpx.Response:
    return process.decode(plain("done"), **{"authorization": "", **headers})


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(shared: CodecProcess) -> None:
    answer = signed_in(shared)

    assert answer.json() == {"signed_in": True}
    parts = answer.headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=strict", "path=/", f"max-age={SESSION_SECONDS}"} <= set(parts)
    assert not [part for part in parts if part.startswith("domain") or part == "secure"]
    assert TOKEN not in answer.headers["set-cookie"]
    assert "secure" in signed_in(shared, x_forwarded_proto="https").headers["set-cookie"].lower().split("; ")


def test_with_the_cookie_the_page_of_the_ui_may_decode(shared: CodecProcess) -> None:
    answer = ask(shared, cookie=cookie_of(signed_in(shared)), origin=ORIGIN)

    assert values(answer) == ["done"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert shared.lines[-1]["who"] == "shared token"


def test_a_token_that_is_wrong_is_not_made_good_by_a_cookie(shared: CodecProcess) -> None:
    cookie = cookie_of(signed_in(shared))

    assert ask(shared, cookie=cookie, origin=ORIGIN, authorization="Bearer something-else").status_code == 401


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://localhost:8234", f"{ORIGIN}/", "the server's own"]
)
def test_from_any_other_page_the_cookie_counts_for_nothing(shared: CodecProcess, origin: str) -> None:
    sent = shared.address if origin == "the server's own" else origin
    answer = ask(shared, cookie=cookie_of(signed_in(shared)), origin=sent)

    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert shared.lines[-1]["reason"] == "cookie_from_another_origin"


@pytest.mark.parametrize(
    "cookie", ["", "x", "1.x", f"{TOKEN}", "9999999999.", "9999999999." + "0" * 64, "\u0665." + "0" * 64]
)
def test_a_cookie_that_somebody_made_up_is_401(shared: CodecProcess, cookie: str) -> None:
    answer = shared.http.post(
        "/decode",
        content=body([]),
        headers=[(b"cookie", f"phone_mfa_codec={cookie}".encode()), (b"origin", ORIGIN.encode())],
    )

    assert answer.status_code == 401


async def test_a_session_ends_and_dies_with_its_token() -> None:
    now = 1_700_000_000.0
    ours = SharedTokenAuthenticator(SecretStr(TOKEN), lambda: now)
    cookie = Credentials(cookie=ours.session())

    assert (await ours.authenticate(cookie)).roles == {Role.DECODE}
    with pytest.raises(NotAuthenticatedError):
        await SharedTokenAuthenticator(SecretStr(f"{TOKEN}!"), lambda: now).authenticate(cookie)
    now += SESSION_SECONDS
    with pytest.raises(NotAuthenticatedError):
        await ours.authenticate(cookie)


@pytest.mark.parametrize("token", ["wrong", "", f"{TOKEN} ", TOKEN.upper(), "\u00e9", "\ud800"])
def test_a_wrong_token_is_401_wherever_it_stands(shared: CodecProcess, token: str) -> None:
    sent = (
        '{"token": "\\ud800"}'
        if token == "\ud800"
        else httpx.Request("POST", "http://x", json={"token": token}).content
    )
    answer = httpx.post(f"{shared.address}/session", content=sent, headers={"origin": shared.address}, trust_env=False)

    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert shared.lines[-1]["what"] == "session"
    if token.isascii():
        assert ask(shared, authorization=f"Bearer {token.rstrip()}x").status_code == 401


@pytest.mark.parametrize("content", [b"", b"[]", b'{"token":1}', b"\xff", b"[" * 9999, b'"x"'])
def test_a_sign_in_that_is_none_is_400(shared: CodecProcess, content: bytes) -> None:
    answer = httpx.post(
        f"{shared.address}/session", content=content, headers={"origin": shared.address}, trust_env=False
    )

    assert (answer.status_code, answer.json()) == (400, {"message": 'The body must be JSON: {"token": "..."}.'})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("origin", ["", "null", ORIGIN, "https://evil.example", "http://["])
def test_only_its_own_page_signs_in_and_out(shared: CodecProcess, method: str, origin: str) -> None:
    headers = {"origin": origin} if origin else {}
    answer = httpx.request(method, f"{shared.address}/session", headers=headers, json={"token": TOKEN}, trust_env=False)

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_signing_out_takes_the_cookie_back(shared: CodecProcess) -> None:
    with httpx.Client(base_url=shared.address, headers={"origin": shared.address}, trust_env=False) as browser:
        assert browser.get("/session").json() == {"signed_in": False}
        browser.post("/session", json={"token": TOKEN})
        assert browser.get("/session").json() == {"signed_in": True}
        browser.delete("/session")
        assert not browser.cookies
        assert browser.get("/session").json() == {"signed_in": False}


def test_the_page_of_the_ui_may_send_what_it_sends(shared: CodecProcess, by_issuer: CodecProcess) -> None:
    for process in (shared, by_issuer):
        answer = process.http.options("/decode", headers=PREFLIGHT | {"origin": ORIGIN})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-allow-methods"] == "POST"
        allowed = set(answer.headers["access-control-allow-headers"].split(", "))
        assert {"authorization", "content-type", "x-namespace", "x-reveal", "x-reveal-reason", "x-flow-id"} <= allowed


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", f"{ORIGIN}.evil.example"])
def test_pages_of_other_origins_are_told_nothing(shared: CodecProcess, origin: str) -> None:
    preflight = shared.http.options("/decode", headers=PREFLIGHT | {"origin": origin})
    with_token = ask(shared, authorization=f"Bearer {TOKEN}", origin=origin)

    for answer in (preflight, with_token):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["vary"] == "Origin"


def test_refusals_can_be_read_by_the_page_of_the_ui(shared: CodecProcess) -> None:
    answer = ask(shared, origin=ORIGIN)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, ORIGIN)


def test_the_page_runs_nothing_foreign(shared: CodecProcess) -> None:
    for path, kind in {"/": "text/html", "/sign-in.js": "text/javascript", "/sign-in.css": "text/css"}.items():
        answer = shared.http.get(path)
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        for unsafe in ("innerHTML", "style=", "onclick=", TOKEN):
            assert unsafe not in answer.text
    assert f'href="{ORIGIN}"' in shared.http.get("/").text
