"""Two starts for one user meet at the gateway: the flow token of the first ends with its run."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.contracts import Phase, StartEnrollment, reveal
from phone_mfa.contracts.calls import Associate
from phone_mfa.encryption import new_recipient, public_of
from tests.integration.client.thief import Thief, copy_of_an_old_start
from tests.integration.flows.script import FIRST_RECOVERY_CODE, RIGHT_CODE
from tests.integration.flows.stage import NUMBER, OTHER_NUMBER, Stage
from tests.integration.gateway.door import Door, bearer, events_in, problem_in

WAITING = {"Prefer": "wait=15"}


async def everything_asked(door: Door, flow: str, token: dict[str, str]) -> list[httpx.Response]:
    """The answers to all that a browser can ask for that would change, finish or reveal something."""
    post, path = door.anybody.post, f"/v1/flows/{flow}"
    return [
        await post(f"{path}/binding-code", json={"code": RIGHT_CODE, "message": 1}, headers=token),
        await post(f"{path}/binding-code", json={"code": RIGHT_CODE}, headers=token | {"Prefer": "respond-async"}),
        await post(f"{path}/resend", headers=token),
        await post(f"{path}/channel", json={"channel": "voice"}, headers=token),
        await post(f"{path}/phone-number", json={"phone_number": OTHER_NUMBER}, headers=token),
        await door.anybody.delete(path, headers=token),
        await door.anybody.get(f"{path}/recovery-code", headers=token),
    ]


OVER = [*(6 * ["flow-over"]), "no-recovery-code"]


async def is_shut_out(door: Door, first: dict[str, Any], second: dict[str, Any]) -> None:
    """The first browser reads of its own flow that it was started again, and nothing of the second one."""
    flow, token = first["flow_id"], bearer(first["flow_token"])
    assert (second["flow_id"], second["attached"], second["replaced"]) == (flow, False, True)

    view = (await door.anybody.get(f"/v1/flows/{flow}", headers=token)).json()
    assert (view["outcome"], view["phase"], view["allowed_actions"]) == ("superseded", "done", [])
    assert view["run_id"] != second["view"]["run_id"]
    async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=token) as stream:
        events = [event async for event in events_in(stream)]
    assert [event["event"] for event in events] == ["view", "end"]
    assert events[1]["data"] == {"outcome": "superseded"}
    assert [problem_in(answer) for answer in await everything_asked(door, flow, token)] == OVER
    for call in ("result", "token", "mfa-token"):
        method = "GET" if call == "result" else "POST"
        answer = await door.anybody.request(
            method, f"/v1/flows/{flow}/{call}", json={"mfa_token": "mine"}, headers=token
        )
        assert problem_in(answer) == "not-allowed"


async def finishes(door: Door, stage: Stage, second: dict[str, Any], first: dict[str, Any]) -> None:
    """The code went to the second number, and the second browser finishes its flow and reads its recovery code."""
    flow, mine, theirs = second["flow_id"], bearer(second["flow_token"]), bearer(first["flow_token"])
    associate = stage.auth0.last(Associate)
    assert isinstance(associate, Associate) and reveal(associate.phone_number) == NUMBER
    assert stage.auth0.calls(Associate) == 1
    verdict = await door.anybody.post(f"/v1/flows/{flow}/binding-code", json={"code": RIGHT_CODE}, headers=mine)
    assert verdict.json()["verdict"] == "accepted"
    await stage.phase(flow, Phase.DONE)
    read, refused = [await door.anybody.get(f"/v1/flows/{flow}/recovery-code", headers=who) for who in (mine, theirs)]
    assert read.json() == {"recovery_code": FIRST_RECOVERY_CODE}
    assert problem_in(refused) == "no-recovery-code"
    seen = (await door.anybody.get(f"/v1/flows/{flow}", headers=theirs)).json()
    assert (seen["outcome"], seen["phone_number"]) == ("superseded", first["view"]["phone_number"])


async def test_situation_12_with_keys_the_first_flow_token_reads_and_finishes_nothing_of_the_second(
    stage: Stage, door: Door
) -> None:
    stranger = await door.enroll(user="victim", phone_number=OTHER_NUMBER, mfa_token=None)
    user = await door.enroll(user="victim", headers=WAITING)

    assert (stranger.status_code, user.status_code) == (201, 201)
    await is_shut_out(door, stranger.json(), user.json())
    await finishes(door, stage, user.json(), stranger.json())


async def test_situation_12_with_keys_a_made_up_login_and_the_users_own_number_win_nothing(
    stage: Stage, door: Door
) -> None:
    stranger = await door.enroll(user="victim-2", mfa_token="made-up", mfa_token_issued_at="2026-01-01T00:00:00Z")
    user = await door.enroll(user="victim-2", headers=WAITING)

    await is_shut_out(door, stranger.json(), user.json())
    await finishes(door, stage, user.json(), stranger.json())


async def test_situation_12_without_keys_a_copied_start_captures_nothing(stage: Stage, door: Door) -> None:
    strangers = StartEnrollment(phone_number=SecretStr(OTHER_NUMBER))
    copy = await copy_of_an_old_start(stage, "victim-3", strangers)
    run_id = await Thief(stage).starts(copy)
    token = await door.service.post(f"/v1/flows/{copy.flow_id}/token")
    view = await door.service.get(f"/v1/flows/{copy.flow_id}")
    copied = token.json() | {"flow_id": copy.flow_id, "view": view.json()}
    assert view.json()["run_id"] == run_id

    user = (await door.enroll(user="victim-3", headers=WAITING)).json()

    await is_shut_out(door, copied, user)
    await finishes(door, stage, user, copied)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"phone_number": OTHER_NUMBER}, ["phone_number"]),
        ({"recipient": public_of(new_recipient())}, ["recipient"]),
        ({"policy": {"sends": 2}, "flow_seconds": 60}, ["policy", "flow_seconds"]),
    ],
)
async def test_situation_13_a_start_with_other_values_is_a_problem_that_names_them(
    stage: Stage, door: Door, change: dict[str, Any], fields: list[str]
) -> None:
    user = f"thirteen-{fields[0]}"
    first = await door.enroll(user=user, headers=WAITING)

    second = await door.enroll(user=user, **change)

    assert (second.status_code, problem_in(second), second.json()["fields"]) == (409, "start-conflict", fields)
    assert not [text for text in (NUMBER, OTHER_NUMBER, "9876", "0123") if text in second.text]
    verdict = await door.anybody.post(
        f"/v1/flows/{first.json()['flow_id']}/binding-code",
        json={"code": RIGHT_CODE},
        headers=bearer(first.json()["flow_token"]),
    )
    assert verdict.json()["verdict"] == "accepted"


async def test_situation_13_a_start_with_other_values_replaces_the_flow_on_request(stage: Stage, door: Door) -> None:
    first = (await door.enroll(user="changed", phone_number=OTHER_NUMBER, headers=WAITING)).json()

    second = await door.enroll(user="changed", on_conflict="replace", headers=WAITING)

    assert second.status_code == 201
    await is_shut_out(door, first, second.json())
    assert second.json()["view"]["phone_number"] == "XXXXXXXX0123"


async def test_situation_13_a_key_is_free_again_after_a_conflict(stage: Stage, door: Door) -> None:
    key = {"Idempotency-Key": "conflict"}
    await door.enroll(user="decided")
    refused = await door.enroll(user="decided", phone_number=OTHER_NUMBER, headers=key)
    replaced = await door.enroll(user="decided", phone_number=OTHER_NUMBER, on_conflict="replace", headers=key)
    again = await door.enroll(user="decided", phone_number=OTHER_NUMBER, on_conflict="replace", headers=key)

    assert (refused.status_code, replaced.status_code, again.status_code) == (409, 201, 200)
    assert (replaced.json()["replaced"], again.json()["replaced"]) == (True, False)
    assert again.json()["view"]["run_id"] == replaced.json()["view"]["run_id"]


async def test_situation_13_holds_for_challenges(stage: Stage, door: Door) -> None:
    stage.auth0.list_phone(NUMBER, active=True)
    await door.challenge(user="challenged")

    refused = await door.challenge(user="challenged", channel="voice")
    replaced = await door.challenge(user="challenged", channel="voice", on_conflict="replace")

    assert (refused.status_code, refused.json()["fields"]) == (409, ["channel"])
    assert (replaced.status_code, replaced.json()["replaced"]) == (201, True)


@pytest.mark.parametrize("body", [{"on_conflict": "ask"}, {"requested_at": "2026-01-01T00:00:00Z"}])
async def test_what_no_caller_decides_is_refused(door: Door, body: dict[str, Any]) -> None:
    answer = await door.enroll(**body)

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", next(iter(body)))
