"""Budgets over all flows, counted in memory: what they allow, what they refuse, and what a refusal says."""

import asyncio
import string
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItem
from pydantic import SecretStr

from activities.budgets import Budgets, Check, Message, Spent, phone_of, rates
from phone_mfa.contracts import Budget, Origin
from phone_mfa.contracts.calls import Refusal
from phone_mfa.number_rule import EVERY_NUMBER, NumberRule, countries_of, kinds_of
from phone_mfa.phone_numbers import NumberKind, parsed
from phone_mfa.settings import BudgetSettings, SettingsError

NUMBER = "+4915123456789"
OTHER_NUMBER = "+4915123456780"
FLOW = "enroll-1"


def hashed(name: str) -> str:
    return name.ljust(32, "a")


def budgets(enforced: bool = True, rule: NumberRule = EVERY_NUMBER, **texts: str) -> Budgets:
    each: Mapping[Budget, tuple[RateLimitItem, ...]] = {Budget(name): rates(text) for name, text in texts.items()}
    return Budgets(rates=each, enforced=enforced, rule=rule)


def message(number: str | None = NUMBER, flow_id: str = FLOW, challenged: str | None = None, **origin: str) -> Message:
    by = Origin(**{name: hashed(value) for name, value in origin.items()})
    return Message(by, flow_id, number=parsed(number) if number else None, authenticator_id=challenged)


async def test_a_number_receives_no_more_than_its_budget_whoever_asks() -> None:
    some = budgets(number="3/hour")
    taken = [await some.take(message(user=f"u{letter}")) for letter in string.ascii_lowercase[:5]]
    assert [spent and spent.budget for spent in taken] == [None, None, None, Budget.NUMBER, Budget.NUMBER]
    assert taken[-1] and taken[-1].seconds and 3500 < taken[-1].seconds <= 3600
    assert await some.take(message(OTHER_NUMBER)) is None


@pytest.mark.parametrize(
    ("budget", "same", "other"),
    [
        ("user", message(user="ada"), message(user="eve")),
        ("user", message(user="ada", number=None, challenged="sms|dev_1"), message(user="eve")),
        ("user", message(flow_id="enroll-1"), message(flow_id="enroll-2")),
        ("country", message(OTHER_NUMBER), message("+33612345678")),
        ("caller", message(caller="shop"), message(caller="bank")),
        ("browser", message(browser="one"), message(browser="two")),
        ("number", message(number=None, challenged="sms|dev_1"), message(number=None, challenged="sms|dev_2")),
    ],
)
async def test_each_budget_counts_what_it_is_named_after(budget: str, same: Message, other: Message) -> None:
    some = Budgets(rates={Budget(budget): rates("1/day")})
    assert await some.take(same) is None
    spent = await some.take(same)
    assert spent and spent.budget == budget
    assert await some.take(other) is None


async def test_what_has_no_origin_is_not_counted_for_one() -> None:
    some = budgets(caller="1/day", browser="1/day")
    assert [await some.take(message()) for _ in range(3)] == [None, None, None]


async def test_a_refused_message_uses_up_nothing_of_other_budgets() -> None:
    some = budgets(number="1/hour", user="3/hour")
    await some.take(message(user="ada"))
    for _ in range(5):
        assert await some.take(message(user="ada"))
    left = await some.left(message(OTHER_NUMBER, user="ada"))
    assert left.sends == 1, "one of the user's three is left to a number that had none"  # min(3 - 1, 1)
    assert await some.take(message(OTHER_NUMBER, user="ada")) is None


async def test_the_budget_that_refills_last_is_named() -> None:
    some = budgets(number="1/minute", user="1/day")
    await some.take(message(user="ada"))
    spent = await some.take(message(user="ada"))
    assert spent and spent.budget is Budget.USER


async def test_nothing_is_given_back_to_a_window_that_has_ended() -> None:
    some = budgets(number="2/second")
    await some.take(message())
    give_up_at = time.monotonic() + 20
    while (await some.left(message())).sends != 2:
        assert time.monotonic() < give_up_at
    for _ in range(3):
        await some.give_back(message())
    taken = [await some.take(message()) is None for _ in range(2)]
    assert taken == [True, True]
    assert (await some.left(message())).sends == 0


async def test_surplus_digits_make_no_other_number() -> None:
    some = budgets(number="1/hour")
    taken = [await some.take(message(f"+4917212345678{surplus}")) for surplus in ("", "9", "91")]
    assert [spent is None for spent in taken] == [True, False, False]


async def test_a_message_that_was_not_sent_is_given_back() -> None:
    some = budgets(number="1/hour", user="1/hour")
    sent = message(user="ada")
    for _ in range(3):
        assert await some.take(sent) is None
        await some.give_back(sent)
    assert (await some.left(sent)).sends == 1


async def test_several_rates_hold_at_once() -> None:
    some = budgets(number="2/minute;3/hour")
    assert [bool(await some.take(message())) for _ in range(3)] == [False, False, True]
    left = await some.left(message())
    assert left.sends == 0 and left.sends_reset_seconds and left.sends_reset_seconds <= 60


async def test_what_is_left_is_the_least_of_the_number_and_the_user() -> None:
    some = budgets(number="5/hour", user="3/day", country="1/day")
    await some.take(message(user="ada"))
    left = await some.left(message(user="ada"))
    assert left.sends == 2 and left.sends_reset_seconds and left.sends_reset_seconds > 3600
    assert left.tries == 100


async def test_a_report_counts_and_refuses_nothing() -> None:
    some = budgets(enforced=False, number="1/hour", rule=NumberRule(countries_of("FR")))
    reports = [await some.take(message()) for _ in range(2)]
    assert [spent and (spent.budget, spent.enforced) for spent in reports] == [(Budget.NUMBER_RULE, False)] * 2
    some = budgets(enforced=False, number="1/hour")
    reports = [await some.take(message()) for _ in range(3)]
    assert [spent and (spent.budget, spent.enforced) for spent in reports] == [None, *[(Budget.NUMBER, False)] * 2]
    left = await some.left(message())
    assert (left.sends, left.tries) == (None, None)


async def test_the_rule_for_numbers_comes_before_any_budget() -> None:
    some = budgets(number="1/hour", rule=NumberRule(countries_of("FR")))
    for _ in range(3):
        spent = await some.take(message())
        assert spent and (spent.budget, spent.seconds) == (Budget.NUMBER_RULE, None)
    assert (await some.left(message())).sends == 1


# Wrong codes

ADA = Check(Origin(user=hashed("ada")), FLOW)


async def wrong(some: Budgets, check: Check) -> Spent | None:
    """Enter a wrong code. Returns the pause that kept it from being checked."""
    pause = await some.begin_check(check)
    if pause is None:
        await some.end_check(check, Refusal.CODE_WRONG)
    return pause


async def enter_wrong_codes(some: Budgets, check: Check, count: int) -> None:
    """Count so many wrong codes, as if each had been entered after the pause before it."""
    for name in some._counters_of_codes(check):
        for _ in range(count):
            await some._count_code(name)


async def test_pauses_between_wrong_codes_grow_to_an_hour() -> None:
    some = budgets()
    pauses = []
    for _ in range(16):
        await enter_wrong_codes(some, ADA, 1)
        pause = await some.begin_check(ADA)
        pauses.append(round(pause.seconds or 0) if pause else 0)
        if pause is None:
            await some.end_check(ADA, Refusal.NOT_REACHED)
    assert pauses == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]


async def test_after_a_hundred_wrong_codes_in_a_row_none_is_checked_for_a_month() -> None:
    some = budgets()
    for number in range(100):
        assert (await some.tries_left(ADA)).tries == 100 - number
        await enter_wrong_codes(some, ADA, 1)
    pause = await some.begin_check(ADA)
    assert pause and pause.seconds and pause.seconds > 29 * 24 * 3600
    assert (await some.tries_left(ADA)).tries == 0


async def test_a_right_code_starts_from_zero() -> None:
    some = budgets()
    for _ in range(4):
        await wrong(some, ADA)
    assert await some.begin_check(ADA) is None
    await some.end_check(ADA, None)
    assert (await some.tries_left(ADA)).tries == 100


async def test_an_answer_that_is_no_verdict_uses_up_no_try_and_begins_no_pause() -> None:
    some = budgets()
    for _ in range(4):
        await wrong(some, ADA)
    for refusal in (Refusal.NOT_REACHED, Refusal.AMBIGUOUS, Refusal.CODE_EXPIRED, Refusal.RATE_LIMITED):
        assert await some.begin_check(ADA) is None
        await some.end_check(ADA, refusal)
    assert (await some.tries_left(ADA)).tries == 96


async def test_of_codes_at_the_same_time_one_is_checked_in_a_pause() -> None:
    some = budgets()
    await enter_wrong_codes(some, ADA, 4)
    begun = await asyncio.gather(*(some.begin_check(ADA) for _ in range(5)))
    assert sum(pause is None for pause in begun) == 1


async def test_another_user_is_not_paused_and_a_new_flow_is() -> None:
    some = budgets()
    await enter_wrong_codes(some, ADA, 5)
    assert await some.begin_check(replace(ADA, flow_id="challenge-2"))
    assert await some.begin_check(Check(Origin(user=hashed("eve")), FLOW)) is None


@pytest.mark.parametrize("sent_to", [parsed(NUMBER).reaches, phone_of("sms|dev_1")])
async def test_a_phone_is_guessed_at_no_more_often_under_other_users(sent_to: SecretStr) -> None:
    some = budgets()
    checks = [Check(Origin(user=hashed(user)), FLOW, sent_to) for user in ("ada", "eve", "bob")]
    passed = [await wrong(some, checks[number % 3]) is None for number in range(9)]
    assert sum(passed) == 5


async def test_a_right_code_of_another_phone_does_not_start_a_phone_from_zero() -> None:
    some = budgets()
    guessed, own = (Check(ADA.origin, FLOW, phone_of(f"sms|dev_{name}")) for name in ("ada", "eve"))
    for _ in range(4):
        await wrong(some, guessed)
    assert await some.begin_check(own) is None
    await some.end_check(own, None)
    assert [await wrong(some, guessed) is None for _ in range(3)] == [True, False, False]


# Two users with one number


async def test_a_number_of_two_users_is_told_of_once_for_each_further_user() -> None:
    some = budgets()
    shared = [await some.is_shared(message(user=user)) for user in ("ada", "ada", "eve", "eve", "bob", "ada")]
    assert shared == [False, False, True, False, True, False]


# Which numbers


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("+4915123456789", True),
        ("+493012345678", True),
        ("+15555550123", True),
        ("+19005550190", False),
        ("+881612345678", False),
        ("+870773111632", False),
        ("+447012345678", False),
        ("+448431234567", False),
        ("+33800123456", False),
        ("+979123456789", False),
        ("+499001234567", False),
        ("+4990012345670", False),
        ("+487012345670", False),
        ("+4913712345678", False),
        ("+44901234567", False),
        ("+4911833", False),
        ("+49118001", False),
        ("+4917212345670", True),
    ],
)
def test_by_default_numbers_that_cost_more_get_no_messages(number: str, allowed: bool) -> None:
    assert NumberRule().allows(parsed(number)) is allowed


def test_an_operator_chooses_countries_and_kinds() -> None:
    rule = NumberRule(countries_of(" de, FR,001 "), kinds_of("mobile,satellite"))
    assert rule.allows(parsed("+4915123456789"))
    assert rule.allows(parsed("+881612345678"))
    assert not rule.allows(parsed("+493012345678"))
    assert not rule.allows(parsed("+447400123456"))
    assert kinds_of("") == NumberRule().kinds
    assert NumberRule(None, frozenset(NumberKind)).allows(parsed("+19005550190"))


@pytest.mark.parametrize("text", ["DE,XX", "Germany", "DE;FR", "+49"])
def test_an_unknown_country_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two-letter country codes"):
        countries_of(text)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"mobile, fixed_line.*voip"):
        kinds_of("mobile,cheap")


@given(st.integers(1, 12), st.integers(1, 30))
async def test_a_budget_allows_exactly_its_amount(amount: int, asked: int) -> None:
    some = budgets(number=f"{amount}/hour")
    allowed = [await some.take(message()) is None for _ in range(asked)]
    assert sum(allowed) == min(amount, asked)


async def test_the_windows_of_memory_end() -> None:
    some = budgets(number="1/second")
    await some.take(message())
    spent = await some.take(message())
    assert spent
    give_up_at = time.monotonic() + 20
    while await some.take(message()):
        assert time.monotonic() < give_up_at


def test_settings_are_taken_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_MESSAGES_PER_NUMBER", "5/10 minutes;20/day")
    monkeypatch.setenv("PHONE_MFA_MESSAGES_PER_USER", "none")
    settings = BudgetSettings.read()
    assert [str(rate) for rate in rates(settings.messages_per_number)] == ["5 per 10 minute", "20 per 1 day"]
    assert rates(settings.messages_per_user) == ()


@pytest.mark.parametrize("rate", ["10 / hour", "10/Hour", "10/hour; 20/day", "10/hour;", "10/0 hour", "0/hour", "x"])
def test_rates_that_are_none_are_refused_in_a_sentence(rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_MESSAGES_PER_USER", rate)
    with pytest.raises(SettingsError) as refused:
        BudgetSettings.read()
    assert str(refused.value) == "PHONE_MFA_MESSAGES_PER_USER: must be rates such as 10/hour;20/day, or none."


@pytest.mark.parametrize(
    "address",
    [
        "redis",
        "redis://localhost",
        "redis://h/0x",
        "redis://h:99999/0",
        "redis://h:0/0",
        "redis://h:abc/0",
        "redis://[::1",
        "redis:///0",
        "redis://h:6379/0?socket_timeout=9",
        "redis://h:6379/0?foo=bar",
        "redis://:hush#ss@h:6379/0",
        "http://h:6379",
    ],
)
def test_an_address_that_redis_does_not_have_is_refused_and_not_repeated(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHONE_MFA_LIMITS", address)
    with pytest.raises(SettingsError, match=r"^PHONE_MFA_LIMITS: must be memory, or the address") as refused:
        BudgetSettings.read()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["memory", "redis://h:6379", "rediss://user:p%23w@h.example:6380/2", "redis://[::1]:6379/0"]
)
def test_addresses_of_redis_are_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_LIMITS", address)
    assert BudgetSettings.read().limits.get_secret_value() == address
