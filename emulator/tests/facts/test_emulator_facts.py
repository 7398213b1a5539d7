"""Table of known facts about Auth0's MFA API, one per row, each checked on the wire of a running emulator."""

import pytest

from emulator.tests.facts import (
    facts_associate,
    facts_challenge,
    facts_cors,
    facts_device,
    facts_exchange,
    facts_guardian,
    facts_lifetimes,
    facts_limits,
    facts_list,
    facts_logins,
    facts_logs,
    facts_management,
    facts_phone,
    facts_prerequisites,
    facts_quirks,
    facts_refresh,
    facts_sign_in,
    facts_userinfo,
    facts_users,
)
from emulator.tests.facts.facts_row import Fact
from emulator.tests.facts.facts_stage import staged
from emulator.tests.visitor import Visitor

SECTIONS = [*(f"2.{number}" for number in range(1, 11)), *(f"3.{number}" for number in range(1, 6)), "4", "5.2"]
TABLES = [
    facts_prerequisites,
    facts_logins,
    facts_associate,
    facts_list,
    facts_challenge,
    facts_exchange,
    facts_refresh,
    facts_userinfo,
    facts_cors,
    facts_management,
    facts_guardian,
    facts_logs,
    facts_users,
    facts_phone,
    facts_lifetimes,
    facts_limits,
    facts_quirks,
    facts_sign_in,
    facts_device,
]
FACTS: list[Fact] = [fact for table in TABLES for fact in table.FACTS]


@pytest.mark.parametrize("fact", FACTS, ids=str)
async def test_the_wire_says(fact: Fact, visitor: Visitor) -> None:
    stage = await staged(visitor, has=fact.has, switches=fact.switches, login=fact.login, verified=fact.verified)
    fact.answer.check(await fact.scene(stage), to_the_byte=fact.to_the_byte)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_a_row(section: str) -> None:
    assert section in {fact.section for fact in FACTS}


def test_every_row_is_a_fact_of_its_own() -> None:
    names = [str(fact) for fact in FACTS]
    assert sorted(set(names)) == sorted(names)


async def test_every_refusal_that_a_switch_words_has_a_row(visitor: Visitor) -> None:
    refusals = (await visitor.control("GET", "tenant"))["refusals"]
    assert {fact.worded for fact in FACTS} - {None} == set(refusals)
