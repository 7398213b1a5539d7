from phone_mfa.contracts import Channel, Outcome, Phase, Verdict, reveal
from phone_mfa.contracts.calls import Associate, CheckCode
from tests.integration.flows.script import FIRST_RECOVERY_CODE, RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import NUMBER, Stage


async def test_a_right_code_enrolls_the_phone(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    view = await stage.message(flow, 1)
    assert (view.channel, view.phone_number, view.tries_left, view.sends_left) == (Channel.SMS, "XXXXXXXX0123", 5, 4)

    verdict = await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)

    assert verdict.verdict is Verdict.ACCEPTED
    assert (result.outcome, result.sends, result.wrong_codes) == (Outcome.ENROLLED, 1, 0)
    assert result.recovery_code and reveal(result.recovery_code) == FIRST_RECOVERY_CODE
    assert result.sealed == ()
    asked, checked = auth0.last(Associate), auth0.last(CheckCode)
    assert isinstance(asked, Associate) and reveal(asked.phone_number) == NUMBER
    assert isinstance(checked, CheckCode) and reveal(checked.code) == RIGHT_CODE
    assert (await stage.flows.view(flow)).phase is Phase.DONE
