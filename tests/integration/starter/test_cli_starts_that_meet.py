"""Two starts for one user meet at the command: it says what became of which, and never drops a wish."""

import asyncio
import uuid

import pytest
from pydantic import SecretStr

from phone_mfa.client import Flows
from phone_mfa.contracts import Outcome, Phase, StartEnrollment, reveal
from phone_mfa.contracts.calls import Associate
from tests.command_line import CommandLine, Ran
from tests.integration.client.thief import LONG_AGO, Thief
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage
from tests.keys import KEYS, RING

DOMAIN = "tenant.example.com"


@pytest.fixture
def command(stage: Stage) -> CommandLine:
    target = stage.engine.client.service_client.config.target_host
    settings = {"TEMPORAL_ADDRESS": target, "PHONE_MFA_KEYS": RING.text(), "AUTH0_DOMAIN": DOMAIN}
    return CommandLine(settings | {"PHONE_MFA_TASK_QUEUE": stage.task_queue})


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


async def enroll(command: CommandLine, user: str, number: str, *options: str, token: str = "") -> Ran:
    login = () if token else ("--no-token",)
    return await asyncio.to_thread(
        command, "enroll", "--user", user, "--phone", number, *login, *options, PHONE_MFA_TOKEN=token
    )


async def the_code_goes_to(stage: Stage, flow: str, number: str) -> None:
    await stage.message(flow, 1)
    associate = stage.auth0.last(Associate)
    assert isinstance(associate, Associate) and reveal(associate.phone_number) == number
    assert stage.auth0.calls(Associate) == 1


async def test_situation_12_with_keys_a_login_replaces_what_was_started_without_one(
    stage: Stage, command: CommandLine, user: str
) -> None:
    async with stage.worker():
        first = await enroll(command, user, OTHER_NUMBER)
        flow, stranger = first.out.strip(), await stage.flows.newest_run(first.out.strip())

        second = await enroll(command, user, NUMBER, token=LOGIN_TOKEN)

        assert (second.code, second.out) == (0, f"{flow}\n")
        assert second.err.startswith("Started. The user's flow that was running has ended: this one replaced it.")
        assert (await stage.flows.in_run(stranger).result(flow)).outcome is Outcome.SUPERSEDED
        await the_code_goes_to(stage, flow, NUMBER)


async def test_situation_12_without_keys_a_copied_start_is_replaced(
    stage: Stage, command: CommandLine, user: str
) -> None:
    thief = Thief(stage)
    tenant = f"https://{DOMAIN}"
    flows = Flows(stage.engine.client, tenant=tenant, keys=KEYS, clock=lambda: stage.clock() - LONG_AGO)
    old = await flows.enroll(user, StartEnrollment(phone_number=SecretStr(OTHER_NUMBER)))
    copy = await thief.copied(old.flow_id, old.run_id)
    await stage.handle(old.flow_id).terminate()
    async with stage.worker():
        run_id = await thief.starts(copy)

        started = await enroll(command, user, NUMBER, "--json", token=LOGIN_TOKEN)

        assert started.json == {"flow_id": old.flow_id, "attached": False, "replaced": True}
        assert (await stage.flows.in_run(run_id).result(old.flow_id)).outcome is Outcome.SUPERSEDED
        await the_code_goes_to(stage, old.flow_id, NUMBER)


async def test_situation_13_another_number_is_refused_in_one_sentence_or_replaces(
    stage: Stage, command: CommandLine, user: str
) -> None:
    async with stage.worker():
        first = await enroll(command, user, OTHER_NUMBER)
        await stage.phase(first.out.strip(), Phase.WAITING_FOR_TOKEN)

        refused = await enroll(command, user, NUMBER)
        replaced = await enroll(command, user, NUMBER, "--on-conflict", "replace", "--json")
        attached = await enroll(command, user, NUMBER, "--json")

    sentence = "The user's running flow has another phone_number."
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"Error: {sentence} To end it and start this one: --on-conflict replace.\n"
    assert (replaced.json["attached"], replaced.json["replaced"]) == (False, True)
    assert (attached.json["attached"], attached.json["replaced"]) == (True, False)


async def test_situation_13_holds_for_challenges(stage: Stage, command: CommandLine, user: str) -> None:
    challenge = ("challenge", "--user", user, "--no-token", "--json")
    async with stage.worker():
        await asyncio.to_thread(command, *challenge)
        refused = await asyncio.to_thread(command, *challenge, "--channel", "voice")
        replaced = await asyncio.to_thread(command, *challenge, "--channel", "voice", "--on-conflict", "replace")

    assert (refused.code, replaced.json["replaced"]) == (1, True)
    assert '"type": "ConflictingStartError"' in refused.err
