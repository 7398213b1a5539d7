"""Tokens and recovery codes that only the caller can read, and those that nobody needs."""

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from phone_mfa.client import FailedFlowError, RefusedMessageError, UnknownFlowError
from phone_mfa.client.flows import Result
from phone_mfa.contracts import (
    ChallengeResult,
    Outcome,
    RecipientKey,
    RecoveryCode,
    StartEnrollment,
    TokenSet,
    Verdict,
    WhenEnrolled,
    names,
)
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal, TokenUse
from phone_mfa.encryption import RecipientError, new_recipient, open_sealed, public_of
from tests.integration.flows.script import (
    FIRST_RECOVERY_CODE,
    NEW_RECOVERY_CODE,
    RIGHT_CODE,
    RIGHT_RECOVERY_CODE,
    ScriptedAuth0,
)
from tests.integration.flows.stage import ACCESS_TOKEN, LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage

PRIVATE: dict[str, object] = dict(new_recipient())
CALLER = RecipientKey.model_validate(public_of(PRIVATE))
TOKENS = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 600, "scope": "openid enroll"}


def opened(result: Result) -> list[dict[str, Any]]:
    return [json.loads(open_sealed(PRIVATE, sealed)) for sealed in result.sealed]


async def test_what_an_enrollment_brings_is_sealed_to_the_recipient(stage: Stage) -> None:
    flow = await stage.enroll(recipient=CALLER)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert (result.outcome, result.recovery_code) == (Outcome.ENROLLED, None)
    assert opened(result) == [{"recovery_code": FIRST_RECOVERY_CODE}, {"tokens": TOKENS}]
    with pytest.raises(RecipientError):
        open_sealed(dict(new_recipient()), result.sealed[0])


async def test_without_a_recipient_an_enrollment_drops_the_tokens(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert (result.sealed, hasattr(result, "tokens")) == ((), False)
    asked = auth0.last(CheckCode)
    assert isinstance(asked, CheckCode) and asked.use is TokenUse.DROPPED


async def test_what_a_challenge_brings_is_sealed_to_the_recipient(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(recipient=CALLER)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert isinstance(result, ChallengeResult)
    assert (result.outcome, result.tokens, opened(result)) == (Outcome.VERIFIED, None, [{"tokens": TOKENS}])


async def test_a_new_recovery_code_is_sealed_with_the_tokens(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(recipient=CALLER)
    await stage.message(flow, 1)
    code = RecoveryCode(recovery_code=SecretStr(RIGHT_RECOVERY_CODE))
    assert (await stage.flows.check_recovery_code(flow, code)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.recovery_code, opened(result)) == (
        None,
        [{"tokens": TOKENS, "recovery_code": NEW_RECOVERY_CODE}],
    )


async def test_the_token_that_enrolls_another_phone_is_the_flows_and_the_last_ones_are_the_recipients(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.tokens = TokenSet(access_token=SecretStr(ACCESS_TOKEN), expires_in=600, scope="enroll")
    auth0.refuse(Associate, Refusal.ALREADY_ENROLLED)
    auth0.list_phone(OTHER_NUMBER, active=True)
    flow = await stage.enroll(when_enrolled=WhenEnrolled.CHALLENGE_FIRST, recipient=CALLER)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    await stage.message(flow, 2)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert result.outcome is Outcome.ENROLLED
    assert [list(document) for document in opened(result)] == [["tokens"]]


async def test_tokens_too_long_to_be_sealed_are_dropped_and_the_phone_is_enrolled(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.tokens = TokenSet(access_token=SecretStr("x" * 50_000), expires_in=600)
    flow = await stage.enroll(recipient=CALLER)
    await stage.message(flow, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.outcome, opened(result)) == (Outcome.ENROLLED, [{"recovery_code": FIRST_RECOVERY_CODE}])
    assert result.note == "The tokens were too long to be sealed to the recipient, and were dropped."


async def test_a_new_recovery_code_is_sealed_alone_where_the_tokens_are_too_long(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.tokens = TokenSet(access_token=SecretStr("x" * 50_000), expires_in=600)
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(recipient=CALLER)
    await stage.message(flow, 1)
    await stage.flows.check_recovery_code(flow, RecoveryCode(recovery_code=SecretStr(RIGHT_RECOVERY_CODE)))
    result = await stage.flows.result(flow)
    assert opened(result) == [{"recovery_code": NEW_RECOVERY_CODE}]
    assert "too long to be sealed" in result.note


NOWHERE = CALLER.model_copy(update={"x": "A" * 43, "y": "A" * 43})


async def test_a_recipient_that_is_no_point_of_its_curve_starts_nothing(stage: Stage) -> None:
    request = StartEnrollment(phone_number=SecretStr(NUMBER), recipient=NOWHERE)
    with pytest.raises(RefusedMessageError, match="recipient: The recipient's key is not a point on its curve"):
        await stage.flows.enroll("nobody-yet", request)
    with pytest.raises(UnknownFlowError):
        await stage.flows.view(stage.flows.flow_id("enroll", "nobody-yet"))


async def test_a_recipient_that_is_no_point_of_its_curve_fails_the_flow_before_a_message_is_sent(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    """As clients of another make may start it."""
    flow = stage.flows.flow_id("enroll", "of-another-make")
    request = StartEnrollment(phone_number=SecretStr(NUMBER), mfa_token=SecretStr(LOGIN_TOKEN), recipient=NOWHERE)
    with stage.engine.with_time_skipping_disabled():
        await stage.engine.client.start_workflow(
            names.ENROLLMENT_WORKFLOW, request, id=flow, task_queue=stage.task_queue
        )
    stage.played.append(flow)
    with pytest.raises(FailedFlowError, match="The recipient's key is not a point on its curve"):
        await stage.flows.result(flow)
    assert auth0.heard == []


def test_a_private_key_is_refused_without_being_repeated() -> None:
    with pytest.raises(ValidationError, match="must be a public key") as refused:
        StartEnrollment.model_validate({"phone_number": NUMBER, "recipient": PRIVATE})
    assert str(PRIVATE["d"]) not in str(refused.value)
