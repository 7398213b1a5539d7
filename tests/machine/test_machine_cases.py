"""What the model and the time tests found, each as the shortest case of it."""

from datetime import timedelta

from pydantic import SecretStr

from phone_mfa.contracts import Action, Channel, CodeVerdict, Phase, SendReceipt, Verdict, Withheld
from phone_mfa.contracts.calls import PhonesAnswer, Refusal
from tests.machine.model import NUMBERS, RECOVERY, RIGHT, begun, granted, phone, refused, starts
from workflows.machine import State, allowed, decide, view_of, wake_at
from workflows.machine.answers import AnyEvent, PhonesListed
from workflows.machine.commands import Publish, Reply
from workflows.machine.events import CodeGiven, SendAsked, TokenGiven, Woken
from workflows.machine.records import Purpose

TOKEN = SecretStr("T1")


def after(state: State, *events: AnyEvent) -> State:
    for event in events:
        state, _ = decide(state, event)
    return state


def as_asked(state: State) -> State:
    """The flow once Auth0 has done what it was asked for."""
    return after(state, granted(state))


def answer_to(state: State, event: CodeGiven | SendAsked) -> object:
    _, commands = decide(state, event)
    return next((each.answer for each in commands if isinstance(each, Reply) and each.request == event.request), None)


def enrollment_with_a_code_put_off() -> State:
    state = as_asked(begun(starts()["enrollment"][1]))
    state = after(state, Woken(at=state.at + timedelta(minutes=1)))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT)))
    return after(state, refused(state, Refusal.RATE_LIMITED, 60))


def test_a_message_asked_for_while_a_code_is_put_off_waits_for_the_code() -> None:
    state = enrollment_with_a_code_put_off()
    asked = SendAsked(at=state.at, request="resend")
    receipt = answer_to(state, asked)
    assert isinstance(receipt, SendReceipt) and receipt.withheld is Withheld.LATER
    assert Action.RESEND not in allowed(state)
    state = after(state, asked)
    state = after(state, Woken(at=state.at + timedelta(minutes=1)))
    assert state.call and state.call.purpose is Purpose.CHECK


def test_a_code_of_no_message_is_answered_though_a_recovery_code_before_it_is_put_off() -> None:
    state = begun(starts()["challenge"][1])
    state = after(state, refused(state, Refusal.RATE_LIMITED, 60))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RECOVERY), recovery=True))
    state = after(state, refused(state, Refusal.RATE_LIMITED, 60))
    verdict = answer_to(state, CodeGiven(at=state.at, request="code", code=SecretStr(RIGHT)))
    assert isinstance(verdict, CodeVerdict) and verdict.verdict is Verdict.EXPIRED


def test_what_auth0_asks_for_one_code_holds_for_the_next() -> None:
    state = as_asked(as_asked(begun(starts()["challenge"][1])))
    state = after(state, Woken(at=state.at + timedelta(minutes=4)))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT)))
    state = after(state, refused(state, Refusal.RATE_LIMITED, 200))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RECOVERY), recovery=True))
    state = after(state, Woken(at=state.at + timedelta(minutes=2)))
    assert state.waiting and state.waiting.is_recovery, "the code has ended with its message"
    assert state.call is None


def test_a_code_may_be_given_while_a_message_is_next_after_the_recovery_code_that_is_checked() -> None:
    listing = begun(starts()["challenge"][1])
    state = after(listing, CodeGiven(at=listing.at, code=SecretStr(RECOVERY), recovery=True), granted(listing))
    assert state.call and state.call.purpose is Purpose.CHECK_RECOVERY
    assert Action.SUBMIT_CODE in allowed(state)


def test_a_look_at_a_flow_that_waits_for_a_token_publishes_nothing() -> None:
    state = begun(starts()["enrollment"][0])
    later, commands = decide(state, Woken(at=state.at + timedelta(hours=1) / 2))
    assert Publish() not in commands
    assert view_of(later) == view_of(state)


def test_a_flow_waits_since_what_it_waits_for_began_however_late_that_is_seen() -> None:
    state = as_asked(begun(starts()["enrollment"][1]))
    code_ends = state.at + timedelta(minutes=5)
    late = after(state, Woken(at=code_ends + timedelta(minutes=1)))
    assert late.waits_since == code_ends


def test_a_switch_before_the_first_message_that_the_tenant_refuses_leaves_what_was_asked_for_first() -> None:
    state = begun(starts()["enrollment"][0])
    state = after(state, SendAsked(at=state.at, channel=Channel.VOICE), TokenGiven(at=state.at, token=TOKEN))
    state = after(state, refused(state, Refusal.CHANNEL_DISABLED))
    assert (view_of(state).phase, state.channel) == (Phase.SENDING_CODE, Channel.SMS)
    assert after(state, refused(state, Refusal.CHANNEL_DISABLED)).failure, "an operator has to enable the channel"


def test_a_switch_before_the_first_message_to_what_the_phone_lacks_leaves_what_it_has() -> None:
    state = begun(starts()["challenge"][0])
    state = after(state, SendAsked(at=state.at, channel=Channel.VOICE), TokenGiven(at=state.at, token=TOKEN))
    listed = PhonesAnswer(phones=(phone(NUMBERS[0], active=True),))
    state = after(state, PhonesListed(at=state.at, answer=listed))
    assert state.call and state.call.purpose is Purpose.CHALLENGE
    assert (state.channel, wake_at(state)) == (Channel.SMS, None)


def test_a_login_that_has_run_out_does_not_replace_one_that_lives() -> None:
    state = as_asked(begun(starts()["enrollment"][1]))
    long_ago = state.at - timedelta(minutes=11)
    later = after(state, TokenGiven(at=state.at, token=SecretStr("T2"), issued_at=long_ago))
    assert later.credential == state.credential


def test_where_no_message_is_left_a_code_is_for_the_one_that_lives_and_not_for_a_newer_one_that_was_lost() -> None:
    state = as_asked(begun(starts(budget=2)["enrollment"][1]))
    state = after(state, Woken(at=state.at + timedelta(minutes=1)))
    state = after(state, SendAsked(at=state.at))
    state = as_asked(after(state, refused(state, Refusal.AMBIGUOUS)))
    assert (state.sends_left, state.lost_messages) == (0, (2,))
    for named in (None, 2):
        checking = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT), message=named))
        assert checking.call and checking.call.purpose is Purpose.CHECK
