"""A flood of requests that come too early."""

from phone_mfa.contracts import Verdict, Withheld
from tests.integration.engine_limits.pokes import each, stored
from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import Stage, patient


async def test_situation_3_the_right_code_is_accepted_after_2000_resends_that_came_too_early(stage: Stage) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(600,)))
    await stage.message(flow, 1)
    before = await stored(stage, flow)

    async def resend_too_early(_: int) -> None:
        receipt = await stage.flows.resend(flow)
        assert (receipt.sent, receipt.withheld, receipt.sends_left) == (False, Withheld.TOO_EARLY, 4)

    await each(2_000, resend_too_early, at_once=8)

    assert await stored(stage, flow) == before
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
