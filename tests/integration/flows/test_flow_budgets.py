"""Budgets over flows, as the people and the operators of several flows see them."""

from datetime import timedelta

from pydantic import SecretStr

from activities.budgets import Budgets, rates
from phone_mfa.contracts import Budget, Channel, FlowView, Outcome, Phase, Verdict, WaitReason, reveal
from phone_mfa.contracts.calls import Associate, CheckCode, Phone, Refusal
from phone_mfa.number_rule import NumberRule, countries_of
from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import NUMBER, OTHER_NUMBER, Stage

PREMIUM = "+19005550190"
PHONE = Phone(authenticator_id="sms|dev_1", channel=Channel.SMS, name="XXXXXXXX0123", active=True)


def waits(view: FlowView) -> bool:
    return view.phase is Phase.COOLING_DOWN


def heard(stage: Stage, kind: type) -> int:
    return sum(isinstance(request, kind) for request in stage.auth0.heard)


async def are_listed(flows: set[str], stage: Stage, query: str) -> bool:
    mine = f"TaskQueue = '{stage.task_queue}' AND {query}"
    return {flow.flow_id async for flow in stage.flows.list(mine)} == flows


async def test_a_message_beyond_a_budget_waits_with_reason_and_time(
    vacant_stage: Stage,
) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rates={Budget.NUMBER: rates("2/20 seconds")})
    async with stage.worker():
        flows = [await stage.enroll(user=stage.user(f"user-{number}")) for number in range(2)]
        for flow in flows:
            await stage.message(flow, 1)
        late = await stage.enroll(user=stage.user("late"))
        view = await stage.until(late, waits)
        assert view.wait and view.wait.reason is WaitReason.NUMBER_BUDGET
        assert view.wait.until == view.retry_at
        assert view.retry_at and view.retry_at - view.wait.since <= timedelta(seconds=20)
        assert heard(stage, Associate) == 2

        await stage.message(late, 1)
        await stage.eventually(lambda: are_listed({late}, stage, "MfaBudget = 'number'"))
        assert (await stage.check(late, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_cancelling_and_starting_again_wins_no_message(vacant_stage: Stage) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rates={Budget.USER: rates("2/hour")})
    stage.auth0.phones_listed = (PHONE,)
    async with stage.worker():
        for _ in range(2):
            await stage.message(await stage.enroll(user=stage.user("ada")), 1)
            await stage.flows.cancel(stage.played[-1], "again")
            await stage.flows.result(stage.played[-1])
        view = await stage.until(await stage.enroll(user=stage.user("ada"), phone_number=OTHER_NUMBER), waits)
        challenged = await stage.until(await stage.challenge(user=stage.user("ada")), waits)
    assert view.wait and view.wait.reason is WaitReason.USER_BUDGET
    assert challenged.wait and challenged.wait.reason is WaitReason.USER_BUDGET
    assert heard(stage, Associate) == 2


async def test_the_view_shows_what_the_user_has_left_and_not_only_the_flow(vacant_stage: Stage) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rates={Budget.USER: rates("3/hour")})
    async with stage.worker():
        first = await stage.message(await stage.enroll(user=stage.user("ada")), 1)
        await stage.flows.cancel(stage.played[-1], "again")
        await stage.flows.result(stage.played[-1])
        second = await stage.message(await stage.enroll(user=stage.user("ada")), 1)
    assert (first.sends_left, second.sends_left) == (2, 1)
    assert second.tries_left == 5, "a hundred in a row are more than the flow's own"


async def test_another_number_goes_out_at_once_when_the_first_had_its_messages(vacant_stage: Stage) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rates={Budget.NUMBER: rates("1/hour")})
    async with stage.worker():
        await stage.message(await stage.enroll(user=stage.user("ada")), 1)
        flow = await stage.enroll(user=stage.user("eve"))
        await stage.until(flow, waits)
        receipt = await stage.flows.change_number(flow, SecretStr(OTHER_NUMBER))
    assert receipt.sent


async def test_a_user_has_no_more_tries_with_another_flow(vacant_stage: Stage) -> None:
    """The sixth wrong code waits 30 seconds, in whichever flow it is typed."""
    stage = vacant_stage
    async with stage.worker():
        flow = await stage.enroll(user=stage.user("ada"))
        await stage.message(flow, 1)
        for number in range(5):
            stage.auth0.refuse(CheckCode, Refusal.CODE_WRONG)
            await stage.check(flow, f"00000{number}")
        assert (await stage.flows.result(flow)).outcome is Outcome.LOCKED_OUT
        for _ in range(3):
            flow = await stage.enroll(user=stage.user("ada"))
            await stage.message(flow, 1)
            await stage.submit(flow, "999999")
            view = await stage.until(flow, waits)
            assert view.wait and view.wait.reason is WaitReason.WRONG_CODES
            await stage.flows.cancel(flow, "again")
            await stage.flows.result(flow)
        await stage.eventually(lambda: are_listed({flow, *stage.played[1:]}, stage, "MfaBudget = 'wrong_codes'"))
    assert heard(stage, CheckCode) == 5


async def test_a_number_that_gets_no_messages_ends_the_flow_and_is_found_in_lists(vacant_stage: Stage) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rule=NumberRule())
    async with stage.worker():
        flow = await stage.enroll(phone_number=PREMIUM)
        result = await stage.flows.result(flow)
        assert (result.outcome, result.note) == (
            Outcome.UNDELIVERABLE,
            "No messages are sent to this country, or to this kind of number.",
        )
        await stage.eventually(lambda: are_listed({flow}, stage, "MfaBudget = 'number_rule'"))
    assert heard(stage, Associate) == 0


async def test_a_report_refuses_nothing(vacant_stage: Stage) -> None:
    stage = vacant_stage
    only_france = NumberRule(countries_of("FR"))
    stage.budgets = Budgets(rates={Budget.NUMBER: rates("1/hour")}, rule=only_france, enforced=False)
    async with stage.worker():
        for user in ("ada", "eve"):
            assert (await stage.message(await stage.enroll(user=stage.user(user)), 1)).sends_left == 4


async def test_a_number_in_no_numbering_plan_gets_no_message(vacant_stage: Stage) -> None:
    stage = vacant_stage
    async with stage.worker():
        assert (await stage.flows.result(await stage.enroll(phone_number="+999123456789"))).outcome is (
            Outcome.UNDELIVERABLE
        )
    assert heard(stage, Associate) == 0


async def test_a_message_auth0_refused_is_not_counted(vacant_stage: Stage) -> None:
    stage = vacant_stage
    stage.budgets = Budgets(rates={Budget.NUMBER: rates("1/hour")})
    for _ in range(3):
        stage.auth0.refuse(Associate, Refusal.NOT_REACHED)
    async with stage.worker():
        await stage.message(await stage.enroll(phone_number=NUMBER), 1)
    assert heard(stage, Associate) == 4


async def test_a_trunk_zero_is_taken_off_whoever_starts_the_flow(vacant_stage: Stage) -> None:
    stage = vacant_stage
    async with stage.worker():
        await stage.message(await stage.enroll(phone_number="+4901721234567"), 1)
    [sent] = stage.auth0.heard
    assert isinstance(sent, Associate)
    assert reveal(sent.phone_number) == "+491721234567"
