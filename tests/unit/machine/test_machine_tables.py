"""Each table of the machine has a line for all that it is asked for."""

from collections.abc import Callable
from typing import get_args

import pytest
from pydantic import SecretStr

from phone_mfa.contracts import WaitReason
from phone_mfa.contracts.calls import Refusal, SendAnswer
from phone_mfa.contracts.wait_reasons import WORDS
from tests.unit.machine.model import RIGHT, begun, granted, refused, starts
from workflows.activity_calls import KINDS
from workflows.machine import State, decide
from workflows.machine.answer_table import ANSWERED
from workflows.machine.answers import AnyEvent, CallFailed, SendAnswered
from workflows.machine.commands import CallRequest
from workflows.machine.events import Asked, CodeGiven, Message
from workflows.machine.phases import PHASES
from workflows.machine.published_view import ACTIVITIES
from workflows.machine.records import Purpose
from workflows.machine.requests import _TAKEN
from workflows.machine.step_table import STEPS
from workflows.machine.steps import Step

SENDS_THAT_FAIL = {Refusal.CODE_WRONG, Refusal.CODE_EXPIRED}
"""No answers to a request for a message: what gives them is defective."""


def test_every_step_is_done_by_something() -> None:
    assert set(STEPS) == set(Step)


def test_every_purpose_has_one_kind_of_answer_and_may_fail() -> None:
    assert sorted(purpose for purpose, event in ANSWERED if event is not CallFailed) == sorted(Purpose)
    assert sorted(purpose for purpose, event in ANSWERED if event is CallFailed) == sorted(Purpose)


def test_every_purpose_has_an_activity() -> None:
    assert set(ACTIVITIES) == set(Purpose)


def test_every_purpose_has_a_phase() -> None:
    assert set(PHASES) == set(Purpose)


def test_every_reason_to_wait_has_words() -> None:
    assert set(WORDS) == set(WaitReason)


def test_every_message_is_taken() -> None:
    assert set(_TAKEN) == set(get_args(get_args(Message)[0]))
    assert set(_TAKEN) == {event for event in get_args(AnyEvent) if issubclass(event, Asked)}


def test_every_request_is_made_in_one_way() -> None:
    assert set(KINDS) == set(get_args(CallRequest))


def test_every_answer_is_of_the_kind_its_request_gets() -> None:
    answered = {event for _, event in ANSWERED}
    assert answered == {CallFailed, *(kind.event for kind in KINDS.values())}
    assert answered == {each for each in get_args(AnyEvent) if each.__module__.endswith("answers")}


def associating() -> State:
    return begun(starts()["enrollment"][1])


def challenging() -> State:
    listing = begun(starts()["challenge"][1])
    return decide(listing, granted(listing))[0]


def checking() -> State:
    return given_a_code(sent(associating()), recovery=False)


def checking_a_challenge() -> State:
    return given_a_code(sent(challenging()), recovery=False)


def checking_a_recovery_code() -> State:
    return given_a_code(sent(challenging()), recovery=True)


def sent(state: State) -> State:
    return decide(state, SendAnswered(at=state.at, answer=SendAnswer(oob_code=SecretStr("oob"))))[0]


def given_a_code(state: State, *, recovery: bool) -> State:
    return decide(state, CodeGiven(at=state.at, code=SecretStr(RIGHT), recovery=recovery))[0]


SENDS = {Purpose.ASSOCIATE: associating, Purpose.CHALLENGE: challenging}
CHECKS = [
    (Purpose.CHECK, checking),
    (Purpose.CHECK, checking_a_challenge),
    (Purpose.CHECK_RECOVERY, checking_a_recovery_code),
]


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize(("purpose", "calling"), SENDS.items())
def test_every_refusal_of_a_first_message_is_decided_on(
    purpose: Purpose, calling: Callable[[], State], refusal: Refusal
) -> None:
    after = after_refusal(calling(), purpose, refusal)
    fails = {*SENDS_THAT_FAIL, Refusal.CHANNEL_DISABLED}  # an operator has to enable the only channel there was
    assert (after.failure is not None) == (refusal in fails)


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize(("purpose", "calling"), SENDS.items())
def test_every_refusal_of_a_further_message_is_decided_on(
    purpose: Purpose, calling: Callable[[], State], refusal: Refusal
) -> None:
    first = calling()
    further = sent(first).model_copy(update={"wanted": first.wanted, "call": first.call})
    after = after_refusal(further, purpose, refusal)
    assert (after.failure is not None) == (refusal in SENDS_THAT_FAIL)


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize(("purpose", "calling"), CHECKS)
def test_no_refusal_of_a_code_fails_the_flow(purpose: Purpose, calling: Callable[[], State], refusal: Refusal) -> None:
    assert after_refusal(calling(), purpose, refusal).failure is None


def after_refusal(state: State, purpose: Purpose, refusal: Refusal) -> State:
    assert state.call and state.call.purpose is purpose
    before = state.call
    after, _ = decide(state, refused(state, refusal))
    assert after.call is not before, "the answer was not taken"
    return after
