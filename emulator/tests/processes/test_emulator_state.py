"""State files: what was reported persists, however the process ends."""

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from emulator.tests.signing_in import CALLBACK, CLIENT, Browser, callback
from emulator.tests.visitor import CREDENTIALS, OTP, Visitor, other_than, refusal


@contextlib.asynccontextmanager
async def started(state: Path, *options: str, port: int = 0) -> AsyncIterator[Visitor]:
    """An emulator that is killed at the end."""
    with running(state, *options, port=port) as address:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            yield Visitor(http)


@contextlib.contextmanager
def running(state: Path, *options: str, port: int) -> Iterator[str]:
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", str(port), "--state", str(state), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def port_of(visitor: Visitor) -> int:
    return int(visitor.http.base_url.port or 0)


async def test_an_enrollment_begun_before_the_process_was_killed_is_finished_after(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        person, port = await visitor.person(), port_of(visitor)
        token = await visitor.mfa_token(person)
        associated = (await visitor.associate(token, person.number)).json()
        listed, code = await visitor.authenticators(token), await visitor.code(person.number)
    async with started(state, port=port) as visitor:
        assert await visitor.authenticators(token) == listed
        assert await visitor.code(person.number) == code
        answer = await visitor.verify(token, associated["oob_code"], code)
        assert answer.status_code == 200
    async with started(state, port=port) as visitor:
        assert refusal(await visitor.challenge(token))[2] == "Malformed mfa_token"
        assert (await visitor.pass_challenge(person))["token_type"] == "Bearer"
        assert "gd_enrollment_complete" in await visitor.events(person)


async def test_the_key_the_clock_the_switches_and_what_was_spent_survive(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        port = port_of(visitor)
        await visitor.switch(sends={"burst": 1, "per_seconds": 3600}, recovery_codes=False)
        await visitor.control("POST", "clock", {"set": "2030-01-01T00:00:00Z", "frozen": True})
        person = await visitor.person()
        token = await visitor.mfa_token(person)
        assert "recovery_codes" not in (await visitor.associate(token, person.number)).json()
        keys = (await visitor.http.get("/.well-known/jwks.json")).json()
        management = await visitor.management_token()
    async with started(state, port=port) as visitor:
        assert (await visitor.control("GET", "clock"))["now"] == "2030-01-01T00:00:00.000Z"
        assert (await visitor.http.get("/.well-known/jwks.json")).json() == keys
        jwt.decode(management, jwt.PyJWK(keys["keys"][0]).key, ["RS256"], {"verify_aud": False, "verify_iat": False})
        assert refusal(await visitor.associate(token, person.number))[2].startswith("Too many SMS sent")


async def test_one_time_passwords_cannot_be_used_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        port, person = port_of(visitor), await visitor.person()
        await visitor.control("POST", "clock", {"frozen": True})
        application = await visitor.enroll_otp(person)
        used = application.at(await visitor.now())
        token = await visitor.mfa_token(person)
    async with started(state, port=port) as visitor:
        assert refusal(await visitor.grant(OTP, mfa_token=token, otp=used))[2] == "Invalid otp_code."
        await visitor.advance(30)
        late = application.at(await visitor.now())
        assert (await visitor.grant(OTP, mfa_token=token, otp=late)).status_code == 200


async def test_a_push_waits_for_its_answer_through_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        port, person = port_of(visitor), await visitor.person()
        token = await visitor.mfa_token(person)
        oob_code = (await visitor.add_push(token)).json()["oob_code"]
    async with started(state, port=port) as visitor:
        await visitor.answer_push(person, "approve")
    async with started(state, port=port) as visitor:
        assert (await visitor.poll(token, oob_code)).status_code == 200


async def test_a_reset_forgets_what_the_file_held_but_not_the_key(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        person = await visitor.person()
        await visitor.enroll(person)
        keys = (await visitor.http.get("/.well-known/jwks.json")).json()
        await visitor.control("POST", "reset")
        newcomer = await visitor.person()
    async with started(state) as visitor:
        assert refusal(await visitor.login(person))[2] == "Wrong email or password."
        assert (await visitor.login(newcomer)).json()["error"] == "mfa_required"
        assert await visitor.messages(person.number) == []
        assert (await visitor.http.get("/.well-known/jwks.json")).json() == keys


async def test_what_is_under_way_to_a_phone_and_what_was_ordered_for_it_survive(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        port, person = port_of(visitor), await visitor.person()
        await visitor.control("POST", "clock", {"frozen": True})
        for order in ({"kind": "delay", "seconds": 60}, {"kind": "reorder"}, {"kind": "duplicate", "times": 2}):
            await visitor.control("POST", "message-faults", order)
        token = await visitor.mfa_token(person)
        for _ in range(2):
            await visitor.associate(token, person.number)
        assert await visitor.messages(person.number) == []
    async with started(state, port=port) as visitor:
        assert [order["times"] for order in await visitor.control("GET", "message-faults")] == [2]
        await visitor.associate(token, person.number)
        assert len(await visitor.messages(person.number)) == 3  # the last one twice, then the one held back for it
        await visitor.advance(60)
        assert len(await visitor.messages(person.number)) == 4
    async with started(state, port=port) as visitor:
        assert [order["times"] for order in await visitor.control("GET", "message-faults")] == [1]
        assert len(await visitor.messages(person.number)) == 4


async def test_wrong_tries_are_remembered(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started(state) as visitor:
        port, person = port_of(visitor), await visitor.person()
        await visitor.switch(wrong_codes={"burst": 1, "per_seconds": 3600}, brute_force_attempts=1)
        token = await visitor.mfa_token(person)
        oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
        code = await visitor.code(person.number)
        await visitor.verify(token, oob_code, other_than(code))
        await visitor.grant("password", username=person.email, password="wrong")
    async with started(state, port=port) as visitor:
        assert refusal(await visitor.verify(token, oob_code, code))[2].startswith("Too many failed codes.")
        assert refusal(await visitor.login(person))[1] == "too_many_attempts"


async def test_a_seed_is_planted_in_a_fresh_file_only(tmp_path: Path) -> None:
    state, seed = tmp_path / "state.db", tmp_path / "seed.json"
    seed.write_text('{"users":[{"email":"ada@example.com","password":"first"}]}')
    async with started(state, "--seed", str(seed)) as visitor:
        await visitor.control("POST", "users", {"email": "ada@example.com", "password": "changed"})
    async with started(state, "--seed", str(seed)) as visitor:
        changed = await visitor.grant("password", username="ada@example.com", password="changed")
        assert changed.json()["error"] == "mfa_required"


def test_a_seed_that_does_not_fit_leaves_no_state_in_which_the_right_one_is_not_planted(tmp_path: Path) -> None:
    state, seed = tmp_path / "state.db", tmp_path / "seed.json"
    seed.write_text('{"users":[{"email":"ada@example.com","password":7}]}')
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--state", str(state), "--seed", str(seed)]
    assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 1
    seed.write_text('{"users":[{"email":"ada@example.com","password":"pw"}]}')
    with running(state, "--seed", str(seed), port=0) as address:
        form = CREDENTIALS | {"grant_type": "password", "username": "ada@example.com", "password": "pw"}
        assert httpx.post(f"{address}/oauth/token", data=form, trust_env=False).json()["error"] == "mfa_required"


@pytest.mark.parametrize("content", [b"not a database, whatever its name says" * 100, None])
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    state = tmp_path / "state.db" if content else tmp_path / "nowhere" / "state.db"
    if content:
        state.write_bytes(content)
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--state", str(state)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith(f"The state file {state} ")
    assert content is None or state.read_bytes() == content


async def test_a_sign_in_a_code_and_a_session_survive(tmp_path: Path) -> None:
    state, members = tmp_path / "state.db", CLIENT | {"callbacks": [CALLBACK]}
    async with started(state) as visitor:
        port = port_of(visitor)
        await visitor.control("POST", "clients", members)
        person = await visitor.person(authenticators=[{"type": "phone", "phone_number": "+15555550100"}])
        browser = Browser(visitor, visitor.http)
        page, cookies = await browser.login(person), dict(visitor.http.cookies)
    async with started(state, port=port) as visitor:
        visitor.http.cookies.update(cookies)
        browser = Browser(visitor, visitor.http, browser.verifier)
        fields = {"code": await visitor.code("+15555550100"), "rememberBrowser": "true"}
        code, cookies = callback(await browser.send(page, **fields))["code"], dict(visitor.http.cookies)
    async with started(state, port=port) as visitor:
        visitor.http.cookies.update(cookies)
        browser = Browser(visitor, visitor.http, browser.verifier)
        assert (await browser.exchange(code)).status_code == 200
        assert "code" in callback(await browser.open(prompt="none"))
    async with started(state, port=port) as visitor:
        assert (await Browser(visitor, visitor.http, browser.verifier).exchange(code)).status_code == 403
