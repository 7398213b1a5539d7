"""A whole day of the command: a real Temporal server, a real worker, the emulator, one process for each command."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from tests.command_line import ROOT, CommandLine, environment
from tests.system.starter.work import newest_code, working

PHONE = "+15555550100"
ADA = ("--user", "ada@example.com")


@pytest.fixture
async def at_work(engine: WorkflowEnvironment, address: str, tenant: httpx.AsyncClient) -> AsyncIterator[CommandLine]:
    async with working(engine, address) as command:
        yield command


async def test_a_phone_is_enrolled_and_challenged_from_the_command_line(
    at_work: CommandLine, tenant: httpx.AsyncClient
) -> None:
    # Enrolled, with a login of its own and a number as it is dialled there.
    number = ("--phone", "(555) 555-0100", "--region", "US")
    started = at_work("enroll", *ADA, *number, "--login", "--json", typed="correct horse")
    assert (started.code, started.json["attached"]) == (0, False)
    flow_id = started.json["flow_id"]
    code = await newest_code(tenant, PHONE)

    early = at_work("resend", flow_id, "--json")
    assert (early.code, early.json["sent"]) == (1, False)

    wrong = at_work("submit-code", flow_id, "--json", typed=_another(code))
    assert (wrong.code, wrong.json["verdict"], wrong.json["tries_left"]) == (1, "wrong", 4)

    without_login = at_work("enroll", *ADA, *number, "--no-token")
    assert (without_login.code, without_login.out) == (1, "")
    assert "The user's running flow has an mfa_token." in without_login.err

    accepted = at_work("submit-code", flow_id, "--json", "--submission-id", "one", PHONE_MFA_CODE=code)
    assert (accepted.code, accepted.json["verdict"]) == (0, "accepted")
    assert at_work("submit-code", flow_id, "--json", "--submission-id", "one", typed=code).json == accepted.json

    ended = at_work("status", flow_id, "--json")
    assert (ended.json["phase"], ended.json["outcome"]) == ("done", "enrolled")
    shown = at_work("result", flow_id)
    told = at_work("result", flow_id, "--json").json
    assert shown.code == 0
    assert told["recovery_code"] not in shown.out
    assert "tokens" not in told

    finished = at_work("resend", flow_id)
    assert (finished.code, finished.err) == (1, "Error: The flow has ended and accepts no more messages.\n")
    unknown = at_work("status", "enroll-nobody")
    assert (unknown.code, unknown.err.startswith("Error: There is no such flow")) == (1, True)

    # Challenged, with the token of a login piped in, staying to the end.
    token = at_work("login", *ADA, typed="correct horse").out
    listed = at_work("authenticators", "--json", typed=token).json["authenticators"]
    assert {(one["oob_channel"], one["active"]) for one in listed} >= {("sms", True), ("voice", True)}
    recovered = at_work("challenge", *ADA, "--json", typed=token).json["flow_id"]
    proved = at_work("submit-code", recovered, "--recovery", "--json", typed=told["recovery_code"])
    assert (proved.code, proved.json["verdict"]) == (0, "accepted")
    watched = at_work("watch", recovered, "--json")
    assert (watched.code, watched.lines[-1]["outcome"]) == (0, "verified")

    # Cancelled while it waits for a token.
    waiting = at_work("challenge", *ADA, "--no-token").out.strip()
    assert at_work("status", waiting, "--json").json["phase"] == "waiting_for_token"
    attached = at_work("challenge", *ADA, "--no-token")
    assert (attached.code, attached.out) == (0, f"{waiting}\n")
    assert attached.err.startswith("Attached to a running flow.")
    renewed = at_work("renew-token", waiting, "--login", *ADA, "--json", typed="correct horse")
    assert renewed.code == 0
    assert at_work("cancel", waiting, "--reason", "\x1b[31mthe user left").code == 0
    left = at_work("watch", waiting)
    assert left.code == 1
    assert "done: cancelled" in left.out
    assert "\x1b" not in left.out


async def test_what_is_sealed_to_a_recipient_is_opened_by_its_key_alone_and_a_flow_can_be_forgotten(
    at_work: CommandLine, tenant: httpx.AsyncClient, tmp_path: Path
) -> None:
    private, public, other = (str(tmp_path / name) for name in ("me.jwk", "me.pub.jwk", "other.jwk"))
    assert at_work("keys", "recipient", private, "--public", public).code == 0
    assert at_work("keys", "recipient", other).code == 0
    enroll = ("enroll", *ADA, "--phone", PHONE, "--no-token", "--json", "--seal-to")
    refused = at_work(*enroll, private)
    assert (refused.code, "must be a public key" in refused.err) == (2, True)
    flow_id = at_work(*enroll, public).json["flow_id"]
    running = at_work("forget", flow_id)
    assert (running.code, running.err) == (1, "Error: The flow is still running: cancel it, then forget it.\n")
    assert at_work("renew-token", flow_id, "--login", *ADA, typed="correct horse").code == 0
    assert at_work("submit-code", flow_id, typed=await newest_code(tenant, PHONE)).code == 0

    told = at_work("result", flow_id, "--key", private, "--json").json
    assert (told["recovery_code"], sorted(told["opened"]), len(told["sealed"])) == (
        None,
        ["recovery_code", "tokens"],
        2,
    )
    hidden, shown = (
        at_work("result", flow_id, "--key", private),
        at_work("result", flow_id, "--key", private, "--show-secrets"),
    )
    assert told["opened"]["recovery_code"] not in hidden.out
    assert told["opened"]["recovery_code"] in shown.out
    assert told["opened"]["tokens"]["access_token"] in shown.out
    wrong = at_work("result", flow_id, "--key", other)
    assert (wrong.code, "This cannot be opened" in wrong.err) == (2, True)
    assert "to its recipient" in at_work("result", flow_id).out

    forgotten = at_work("forget", flow_id, "--json").json
    assert forgotten["histories"] >= 1  # with the flow of the same user that another test ended
    assert (forgotten["gone"], len(forgotten["remains"])) == (True, 3)
    gone = at_work("result", flow_id)
    assert (gone.code, "There is no such flow" in gone.err) == (1, True)
    assert flow_id not in at_work("flows").out


async def test_a_person_who_stays_types_codes_and_wishes(at_work: CommandLine, tenant: httpx.AsyncClient) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "enroll", *ADA, "--phone", PHONE, "--login", "--wait"),
        cwd=ROOT,
        env=environment(at_work.settings | {"PHONE_MFA_PASSWORD": "correct horse"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    before = await asyncio.wait_for(process.stdout.readuntil(b"waiting_for_code"), 30)
    code = await newest_code(tenant, PHONE)
    typed = f"resend\n12\n{'1' * 65}\n{_another(code)}\n\u2068{code}\u2069\n"
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), 30)

    shown = (before + out).decode()
    assert process.returncode == 0
    assert "It is too early for another message." in shown
    assert "code must be 6 digits." in shown
    assert "code: must have at most 64 characters." in shown
    assert "wrong. The code is wrong. 4 tries left." in shown
    assert "done: enrolled" in shown.splitlines()[-1]

    flow_id = shown.split()[0]
    assert f"Auth0 issued a recovery code. Show it with `phone-mfa result {flow_id} --show-secrets`." in err.decode()
    listed = at_work("flows", "--outcome", "enrolled", "--json").json["flows"]
    assert flow_id in [flow["flow_id"] for flow in listed]


async def test_situation_5_a_terminated_flow_is_failed_in_status_and_list(
    at_work: CommandLine, engine: WorkflowEnvironment, tenant: httpx.AsyncClient
) -> None:
    flow_id = at_work("enroll", *ADA, "--phone", PHONE, "--login", "--json", typed="correct horse").json["flow_id"]
    await newest_code(tenant, PHONE)
    await engine.client.get_workflow_handle(flow_id).terminate(reason="asked by phone")

    _is_failed(at_work, flow_id, "The flow was terminated: asked by phone")


async def test_situation_5_a_flow_whose_channel_is_off_is_failed_in_status_and_list(
    at_work: CommandLine, engine: WorkflowEnvironment, tenant: httpx.AsyncClient
) -> None:
    (await tenant.patch("/_control/tenant", json={"channels": ["sms"]})).raise_for_status()
    enroll = ("enroll", *ADA, "--phone", PHONE, "--channel", "voice", "--login", "--json")
    flow_id = at_work(*enroll, typed="correct horse").json["flow_id"]
    with pytest.raises(WorkflowFailureError):
        await engine.client.get_workflow_handle(flow_id).result()

    _is_failed(at_work, flow_id, "does not send codes by voice")


def _is_failed(command: CommandLine, flow_id: str, reason: str) -> None:
    """Status and list say so, and why; and nothing is left to ask."""
    told, shown = command("status", flow_id, "--json").json, command("status", flow_id).out
    assert (told["phase"], told["allowed_actions"], told["wait"]) == ("failed", [], None)
    assert reason in told["failure"]
    assert reason in " ".join(shown.split())
    assert "allowed" not in shown
    give_up_at = time.monotonic() + 20  # lists lag a little behind
    while flow_id not in (listed := _listed_as_failed(command)):
        assert time.monotonic() < give_up_at, listed


def _listed_as_failed(command: CommandLine) -> list[str]:
    flows = command("flows", "--phase", "failed", "--json").json["flows"]
    return [flow["flow_id"] for flow in flows if flow["phase"] == "failed"]


def _another(code: str) -> str:
    """Six digits that are not those."""
    return "000000" if code != "000000" else "000001"
