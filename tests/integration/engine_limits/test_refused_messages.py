"""What is refused without thought leaves no trace, however often it is sent."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from phone_mfa.client import RefusedMessageError
from phone_mfa.contracts import Phase, RecoveryCode, Verdict, Withheld, reveal
from phone_mfa.contracts.calls import Associate, CheckCode
from tests.integration.engine_limits.pokes import stored
from tests.integration.flows.script import RIGHT_CODE, RIGHT_RECOVERY_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage, patient
from tests.integration.gateway.door import opened, problem_in

WRONG_CODE = "271828"
LONG = "1" * 64_000
"""A code of 64 kB."""

PADDED = RIGHT_CODE + " " * 64_000
"""Another, which is right without its spaces."""

TOO_LONG = "must have at most 64 characters"


def members(given: object) -> str | None:
    """What a case is called: short, though what it sends is long."""
    return "-".join(given) if isinstance(given, dict) else None


async def test_what_is_refused_does_not_count_towards_the_updates_that_temporal_allows(strict_stage: Stage) -> None:
    stage = strict_stage
    flow = await stage.enroll(policy=patient(resend_after_seconds=(600,)))
    await stage.message(flow, 1)
    for _ in range(40):
        assert (await stage.flows.resend(flow)).withheld is Withheld.TOO_EARLY
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("code", [LONG, PADDED], ids=["digits", "padded"])
async def test_situation_4_58_codes_of_64_kb_of_one_browser_are_refused_and_not_stored(
    stage: Stage, auth0: ScriptedAuth0, tmp_path: Path, code: str
) -> None:
    async with opened(stage, tmp_path) as door:
        flow, browser = await door.enrolling()
        before = await stored(stage, flow)
        told = set()
        for _ in range(58):
            answer = await door.anybody.post(
                f"/v1/flows/{flow}/binding-code", json={"code": code}, headers=browser | {"Prefer": "respond-async"}
            )
            told.add((answer.status_code, problem_in(answer), answer.json()["field"], answer.json()["detail"]))

    assert told == {(422, "bad-input", "code", f"code: {TOO_LONG}.")}
    assert await stored(stage, flow) == before
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 1


@pytest.mark.parametrize("message", [{"code": PADDED}, {"code": RIGHT_CODE, "submission_id": LONG}], ids=members)
async def test_situation_4_a_code_that_is_too_long_is_refused_before_it_is_sent(
    stage: Stage, message: dict[str, str]
) -> None:
    flow = await stage.enroll()
    before = await stored_when_sent(stage, flow)
    with pytest.raises(ValidationError, match="should have at most 255 characters|" + TOO_LONG) as refused:
        await stage.submit(flow, **message)
    assert list(message)[-1] in str(refused.value) and "1" * 65 not in str(refused.value)
    assert await stored(stage, flow) == before


@pytest.mark.parametrize(
    ("update", "message", "sentence"),
    [
        ("check_binding_code", {"code": PADDED}, f"code: {TOO_LONG}"),
        ("check_binding_code", {"code": RIGHT_CODE, "submission_id": LONG}, "submission_id: .* at most 255 characters"),
        ("check_binding_code", {"code": RIGHT_CODE, "sent_at": LONG}, "sent_at: "),
        ("renew_mfa_token", {"mfa_token": LONG}, "mfa_token: must have at most 16384 characters"),
        ("renew_mfa_token", {"mfa_token": "Fe26.2*fresh", "sent_at": LONG}, "sent_at: "),
        ("change_phone_number", {"phone_number": OTHER_NUMBER, "sent_at": LONG}, "sent_at: "),
        ("switch_channel", {"channel": "voice", "sent_at": LONG}, "sent_at: "),
    ],
    ids=members,
)
async def test_situation_4_a_long_text_in_an_update_from_elsewhere_is_refused_and_not_stored(
    stage: Stage, update: str, message: dict[str, str], sentence: str
) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    before = await stored_when_sent(stage, flow)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await stage.handle(flow).execute_update(update, message)
    assert isinstance(refused.value.cause, ApplicationError)
    assert re.search(sentence, str(refused.value.cause)) and len(str(refused.value.cause)) < 200
    assert await stored(stage, flow) == before
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_situation_4_so_is_a_long_recovery_code(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    before = await stored_when_sent(stage, flow)
    padded = RIGHT_RECOVERY_CODE + " " * 64_000
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await stage.handle(flow).execute_update("check_recovery_code", {"recovery_code": padded})
    assert f"recovery_code: {TOO_LONG}" in str(refused.value.cause)
    assert await stored(stage, flow) == before


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ("submit_binding_code", {"code": WRONG_CODE + " " * 64_000}),
        ("submit_binding_code", {"code": WRONG_CODE, "submission_id": LONG}),
        ("submit_binding_code", {"code": WRONG_CODE, "sent_at": LONG}),
        ("cancel_flow", {"reason": "the customer left", "sent_at": LONG}),
    ],
    ids=members,
)
async def test_situation_4_a_long_text_in_a_signal_from_elsewhere_is_dropped_and_the_flow_goes_on(
    stage: Stage, auth0: ScriptedAuth0, signal: str, message: dict[str, str]
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.handle(flow).signal(signal, message)

    verdict = await stage.check(flow, RIGHT_CODE)

    assert (verdict.verdict, verdict.tries_left, auth0.calls(CheckCode)) == (Verdict.ACCEPTED, 5, 1)


@pytest.mark.parametrize("message", [{"mfa_token": LONG}, {"mfa_token": LOGIN_TOKEN, "sent_at": LONG}], ids=members)
async def test_situation_4_so_is_a_token_in_such_a_signal_and_auth0_never_sees_it(
    stage: Stage, auth0: ScriptedAuth0, message: dict[str, str]
) -> None:
    flow = await stage.enroll(token=None)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.handle(flow).signal("provide_mfa_token", message)
    await stage.renew(flow, "Fe26.2*a*fresh*token")
    await stage.message(flow, 1)
    assert [reveal(asked.token) for asked in auth0.heard if isinstance(asked, Associate)] == ["Fe26.2*a*fresh*token"]


async def test_a_message_for_another_kind_of_flow_is_refused_in_one_sentence(stage: Stage) -> None:
    with pytest.raises(RefusedMessageError, match="Only a challenge accepts a recovery code"):
        await stage.flows.check_recovery_code(await stage.enroll(), RecoveryCode(recovery_code=SecretStr("A" * 24)))
    with pytest.raises(RefusedMessageError, match="Only an enrollment accepts another phone number"):
        await stage.flows.change_number(await stage.challenge(), SecretStr(NUMBER))


async def stored_when_sent(stage: Stage, flow: str) -> tuple[int, int]:
    await stage.message(flow, 1)
    return await stored(stage, flow)


async def test_an_update_larger_than_temporal_stores_is_refused_and_fails_no_step(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    with pytest.raises((WorkflowUpdateFailedError, RPCError)):
        await stage.handle(flow).execute_update("check_binding_code", {"code": "1" * 2_500_000})
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    types = [event.event_type for event in (await stage.handle(flow).fetch_history()).events]
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in types
