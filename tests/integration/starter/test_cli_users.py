"""A user whom people spell in several ways is one user to the command, if the settings say so."""

import asyncio

from tests.command_line import CommandLine, Ran
from tests.integration.flows.stage import NUMBER, Stage
from tests.keys import RING


async def enrolled(stage: Stage, user: str, **settings: str) -> Ran:
    target = stage.engine.client.service_client.config.target_host
    places = {"TEMPORAL_ADDRESS": target, "PHONE_MFA_TASK_QUEUE": stage.task_queue}
    command = CommandLine({"PHONE_MFA_KEYS": RING.text(), "AUTH0_DOMAIN": "tenant.example.com"} | places | settings)
    return await asyncio.to_thread(command, "enroll", "--user", user, "--phone", NUMBER, "--no-token", "--json")


async def test_another_spelling_of_a_user_attaches_to_the_flow_once_spellings_are_folded(stage: Stage) -> None:
    first = await enrolled(stage, "Ada@Example.com", PHONE_MFA_FOLD_USERS="true")
    second = await enrolled(stage, "ada@example.com ", PHONE_MFA_FOLD_USERS="true")
    as_written = await enrolled(stage, "Ada@Example.com")

    assert (first.json["attached"], second.json["attached"]) == (False, True)
    assert first.json["flow_id"] == second.json["flow_id"]
    assert as_written.json["flow_id"] != first.json["flow_id"]
