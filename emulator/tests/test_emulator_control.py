"""The control plane, and startup and shutdown of the process."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest

from emulator.tests.visitor import PASSWORD, Visitor


@contextmanager
def emulator(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "auth0_mfa_emulator", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


async def test_a_reset_forgets_users_messages_switches_faults_clock_and_record(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    await visitor.switch(code_seconds=1)
    await visitor.advance(5000)
    await visitor.fault("*", "*", "status")
    assert (await visitor.control("GET", "tenant"))["code_seconds"] == 1
    await visitor.control("POST", "reset")
    assert await visitor.control("GET", "requests") == []
    assert await visitor.control("GET", "messages") == []
    assert (await visitor.control("GET", "tenant"))["code_seconds"] == 300
    assert (await visitor.login(person)).json()["error_description"] == "Wrong email or password."
    now = datetime.fromisoformat((await visitor.control("POST", "clock", {"advance_seconds": 0}))["now"])
    assert now.timestamp() == pytest.approx(time.time(), abs=5)


async def test_the_switches_are_shown_with_auth0s_numbers(visitor: Visitor) -> None:
    shown = await visitor.control("GET", "tenant")
    assert shown["channels"] == ["sms", "voice"]
    assert (shown["mfa_grant"], shown["phone_factor"], shown["recovery_codes"]) == (True, True, True)
    assert (shown["code_seconds"], shown["mfa_token_seconds"], shown["mfa_access_token_seconds"]) == (300, 600, 600)
    assert shown["sends"] == {"burst": 10, "per_seconds": 3600}
    assert shown["wrong_codes"] == shown["recovery_attempts"] == {"burst": 10, "per_seconds": 360}
    assert shown["exchanges"] == {"burst": 12, "per_seconds": 5}
    assert (shown["plan"], shown["rate_limit"], shown["rate_limit_retry_after"]) == (None, None, False)


async def test_the_same_address_in_another_case_is_the_same_user(visitor: Visitor) -> None:
    person = await visitor.person()
    again = await visitor.control("POST", "users", {"email": person.email.upper(), "password": "new"})
    assert again == {"user_id": person.user_id}
    assert (await visitor.grant("password", username=person.email, password=PASSWORD)).status_code == 403
    renewed = await visitor.grant("password", username=person.email, password="new")
    assert renewed.json()["error"] == "mfa_required"


async def test_the_clock_cannot_be_set_beyond_what_a_date_can_show(visitor: Visitor) -> None:
    decade = 10 * 365 * 86_400
    await visitor.advance(decade)
    answer = await visitor.http.post("/_control/clock", json={"advance_seconds": 1})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("advance_seconds would set the clock")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_listens_and_a_signal_stops_it_at_once(stop: signal.Signals) -> None:
    with emulator("--port", "0") as (process, line):
        assert line.startswith("emulator listening on http://127.0.0.1:")
        address = line.split()[-1]
        assert httpx.get(f"{address}/_control/health").json() == {"status": "ok"}
        order = {"method": "GET", "path": "/x", "kind": "delay", "seconds": 60}
        httpx.post(f"{address}/_control/faults", json=order)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{address}/x", timeout=0.1)
        process.send_signal(stop)
        assert process.wait(3) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_sentence_and_a_failure(address: str) -> None:
    with emulator("--port", address.rsplit(":")[-1]) as (process, line):
        assert line == ""
        assert process.wait(5) == 1
        assert process.stderr
        assert "emulator cannot listen on 127.0.0.1 port" in process.stderr.read()


def test_help_teaches_the_first_steps() -> None:
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for taught in (
        "--port",
        "--host",
        "_control/users",
        "_control/messages",
        "garbage_body",
        "frozen",
        "_phone",
        "message-faults",
        "emulator-secret",
    ):
        assert taught in text
