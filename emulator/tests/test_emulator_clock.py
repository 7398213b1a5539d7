"""The tenant's clock: advance, set, freeze, and the effect on budgets."""

import time
from datetime import datetime

import pytest

from emulator.tests.visitor import TOO_MANY_SMS, Visitor, refusal

NOON = 1_769_860_800
"""2026-01-31T12:00:00Z."""


async def test_the_clock_shows_real_time_until_it_is_changed(visitor: Visitor) -> None:
    shown = await visitor.control("GET", "clock")
    assert shown["epoch_seconds"] == pytest.approx(time.time(), abs=5)
    assert datetime.fromisoformat(shown["now"]).timestamp() == pytest.approx(shown["epoch_seconds"], abs=0.002)
    assert shown["frozen"] is False


@pytest.mark.parametrize("moment", ["2026-01-31T12:00:00Z", "2026-01-31T14:00:00+02:00", NOON, float(NOON)])
async def test_the_clock_can_be_set_to_a_date_or_to_epoch_seconds(visitor: Visitor, moment: object) -> None:
    set_to = await visitor.control("POST", "clock", {"set": moment, "frozen": True})
    assert set_to == {"now": "2026-01-31T12:00:00.000Z", "epoch_seconds": NOON, "frozen": True}
    assert await visitor.control("GET", "clock") == set_to


async def test_frozen_time_stands_still_and_can_be_advanced(visitor: Visitor) -> None:
    await visitor.control("POST", "clock", {"set": NOON, "frozen": True})
    moved = await visitor.control("POST", "clock", {"advance_seconds": 90.5})
    assert moved == {"now": "2026-01-31T12:01:30.500Z", "epoch_seconds": NOON + 90.5, "frozen": True}
    assert await visitor.control("POST", "clock", {"frozen": True}) == moved


async def test_time_let_go_runs_on_from_where_it_stood(visitor: Visitor) -> None:
    await visitor.control("POST", "clock", {"set": NOON, "frozen": True})
    running = await visitor.control("POST", "clock", {"frozen": False})
    assert running["frozen"] is False
    assert NOON <= running["epoch_seconds"] < NOON + 60
    assert (await visitor.control("GET", "clock"))["epoch_seconds"] > running["epoch_seconds"] - 0.001


async def test_the_clock_is_set_before_it_is_advanced(visitor: Visitor) -> None:
    both = {"advance_seconds": 60, "set": NOON, "frozen": True}
    assert (await visitor.control("POST", "clock", both))["epoch_seconds"] == NOON + 60


async def test_a_change_that_is_refused_changes_nothing(visitor: Visitor) -> None:
    before = await visitor.control("POST", "clock", {"set": NOON, "frozen": True})
    answer = await visitor.http.post("/_control/clock", json={"set": 1, "frozen": False})
    assert answer.status_code == 400
    assert answer.json() == {"error": "set must be from 2002-01-01T00:00:00Z to ten years ahead."}
    too_far = {"advance_seconds": 400 * 86_400 * 365}
    assert (await visitor.http.post("/_control/clock", json=too_far)).status_code == 400
    assert await visitor.control("GET", "clock") == before


async def test_a_budget_spent_before_the_clock_went_back_is_had_again_as_from_then(visitor: Visitor) -> None:
    await visitor.switch(sends={"burst": 1, "per_seconds": 60})
    person = await visitor.person()
    assert (await visitor.associate(await visitor.mfa_token(person), person.number)).status_code == 200
    await visitor.control("POST", "clock", {"set": "2002-01-01T00:00:00Z"})
    token = await visitor.mfa_token(person)
    assert refusal(await visitor.associate(token, person.number)) == TOO_MANY_SMS
    await visitor.advance(61)
    assert (await visitor.associate(token, person.number)).status_code == 200
