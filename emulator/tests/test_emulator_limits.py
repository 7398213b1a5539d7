"""Lifetimes and budgets, all driven by the tenant's clock."""

import time

import pytest

from emulator.tests.visitor import (
    BAD_BEARER,
    RECOVERY,
    TOO_MANY_CODES,
    TOO_MANY_SMS,
    WRONG_CODE,
    Visitor,
    other_than,
    refusal,
)


async def test_a_code_runs_out_after_five_minutes_and_the_token_after_ten(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.advance(301)
    assert refusal(await visitor.verify(token, oob_code, code)) == (403, "expired_token", "oob_code is expired")
    await visitor.advance(300)
    assert refusal(await visitor.verify(token, oob_code, code)) == (403, "expired_token", "mfa_token is expired")
    assert refusal(await visitor.challenge(token)) == (403, "expired_token", "mfa_token is expired")
    assert refusal(await visitor.associate(token, person.number)) == BAD_BEARER


async def test_a_code_is_good_just_before_it_runs_out(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    await visitor.advance(295)
    assert (await visitor.verify(token, oob_code, await visitor.code(person.number))).status_code == 200


async def test_lifetimes_and_refusals_are_switches(visitor: Visitor) -> None:
    await visitor.switch(mfa_token_seconds=20, refusals={"expired_token": {"status": 401}})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    assert int(token.split("*")[5]) == pytest.approx((time.time() + 20) * 1000, abs=5000)
    await visitor.advance(21)
    assert refusal(await visitor.challenge(token)) == (401, "expired_token", "mfa_token is expired")


async def test_an_access_token_for_the_mfa_api_lives_ten_minutes(visitor: Visitor) -> None:
    person = await visitor.person()
    answer = await visitor.login(person, audience=visitor.mfa_audience)
    assert answer.json()["expires_in"] == 600
    await visitor.advance(601)
    assert refusal(await visitor.associate(answer.json()["access_token"], person.number)) == BAD_BEARER


async def test_ten_messages_may_be_sent_and_then_one_an_hour_whatever_the_channel(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    for sent in range(10):
        channel = "sms" if sent % 2 else "voice"
        assert (await visitor.associate(token, person.number, channel)).status_code == 200
    assert refusal(await visitor.associate(token, person.number)) == TOO_MANY_SMS
    assert len(await visitor.messages(person.number)) == 10
    await visitor.advance(3601)
    token = await visitor.mfa_token(person)
    assert (await visitor.associate(token, person.number)).status_code == 200
    assert refusal(await visitor.associate(token, person.number)) == TOO_MANY_SMS


async def test_after_ten_wrong_codes_even_the_right_one_waits_six_minutes(visitor: Visitor) -> None:
    await visitor.switch(code_seconds=600)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    for _ in range(10):
        assert refusal(await visitor.verify(token, oob_code, other_than(code))) == WRONG_CODE
    assert refusal(await visitor.verify(token, oob_code, code)) == TOO_MANY_CODES
    await visitor.advance(361)
    assert (await visitor.verify(token, oob_code, code)).status_code == 200


@pytest.mark.parametrize(("blocks", "status"), [(True, 400), (False, 200)])
async def test_a_lock_out_may_block_new_challenges(visitor: Visitor, blocks: bool, status: int) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    await visitor.switch(wrong_codes={"burst": 0}, lockout_blocks_challenge=blocks)
    assert (await visitor.challenge(await visitor.mfa_token(person))).status_code == status


async def test_recovery_codes_have_a_budget_of_their_own(visitor: Visitor) -> None:
    await visitor.switch(recovery_attempts={"burst": 1, "per_seconds": 360})
    person = await visitor.person()
    (code,) = await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    await visitor.grant(RECOVERY, mfa_token=token, recovery_code="WRONG")
    assert refusal(await visitor.grant(RECOVERY, mfa_token=token, recovery_code=code)) == TOO_MANY_CODES


async def test_a_session_may_exchange_so_often_a_minute(visitor: Visitor) -> None:
    await visitor.switch(exchanges={"burst": 1, "per_seconds": 5})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.verify(token, oob_code, other_than(code))
    polled = await visitor.verify(token, oob_code, code)
    assert refusal(polled)[:2] == (429, "slow_down")
    await visitor.advance(int(polled.headers["retry-after"]))
    assert (await visitor.verify(token, oob_code, code)).status_code == 200


async def test_a_failing_provider_spends_a_send_and_stores_nothing(visitor: Visitor) -> None:
    await visitor.message_fault("refuse")
    await visitor.switch(sends={"burst": 1})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    assert refusal(await visitor.associate(token, person.number))[:2] == (502, "bad_gateway")
    assert await visitor.authenticators(token) == []
    assert refusal(await visitor.associate(token, person.number)) == TOO_MANY_SMS
