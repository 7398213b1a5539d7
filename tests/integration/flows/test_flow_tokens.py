"""The login's token and its ten minutes."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from phone_mfa.contracts import Phase, ProvideMfaToken, Verdict, WaitReason, reveal
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, Stage

FRESH_TOKEN = "Fe26.2*a*fresh*token"


async def test_a_flow_without_a_token_waits_for_one(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=None)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    assert not auth0.heard
    assert await stage.renew(flow) is Phase.SENDING_CODE
    await stage.message(flow, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_token_can_come_by_signal(stage: Stage) -> None:
    flow = await stage.enroll(token=None)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.flows.provide_token(flow, ProvideMfaToken(mfa_token=SecretStr(FRESH_TOKEN)))
    await stage.message(flow, 1)


async def test_a_token_that_runs_out_in_mid_flow_is_asked_for_and_a_new_code_sent(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, minutes=10)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    assert not (await stage.flows.resend(flow)).sent
    await stage.renew(flow, FRESH_TOKEN)
    await stage.message(flow, 2)
    asked = auth0.last(Associate)
    assert isinstance(asked, Associate) and reveal(asked.token) == FRESH_TOKEN
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert auth0.calls(Associate) == 2


async def test_a_token_renewed_early_leaves_the_message_its_own(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    assert await stage.renew(flow, FRESH_TOKEN) is Phase.WAITING_FOR_CODE
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    checked = auth0.last(CheckCode)
    assert isinstance(checked, CheckCode) and reveal(checked.token) == LOGIN_TOKEN
    assert auth0.calls(Associate) == 1


async def test_a_code_dies_with_the_token_that_asked_for_it(stage: Stage) -> None:
    issued_at = datetime.now(UTC) - timedelta(minutes=8)
    flow = await stage.enroll(mfa_token_issued_at=issued_at)
    view = await stage.message(flow, 1)
    assert view.code_expires_at == view.token_expires_at == issued_at + timedelta(minutes=10)


async def test_a_token_that_was_old_when_it_came_is_not_used(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(mfa_token_issued_at=datetime.now(UTC) - timedelta(minutes=11))
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    assert not auth0.heard


async def test_a_token_auth0_refuses_is_asked_for_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.TOKEN_REFUSED)
    flow = await stage.enroll()
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.renew(flow)
    await stage.message(flow, 1)


async def test_a_code_whose_token_auth0_refuses_is_expired(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.TOKEN_REFUSED)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.EXPIRED
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.renew(flow)
    await stage.message(flow, 2)


async def test_a_token_without_the_scope_is_named_and_asked_for_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.SCOPE_MISSING)
    flow = await stage.enroll()
    view = await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    assert view.wait and view.wait.reason is WaitReason.SCOPE_MISSING
    assert "lacks a scope" in view.wait.why
