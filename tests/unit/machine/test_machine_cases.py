"""What the model and the time tests found, each as the shortest case of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr

from phone_mfa.contracts import (
    Action,
    Channel,
    CodeVerdict,
    Outcome,
    Phase,
    SendReceipt,
    StartChallenge,
    StartEnrollment,
    Verdict,
    WaitReason,
    Withheld,
    masked,
)
from phone_mfa.contracts.calls import Challenge, CheckAnswer, EnrollToken, PhonesAnswer, Refusal, SendAnswer
from phone_mfa.contracts.first_view import first_view
from tests.unit.machine.model import (
    ALREADY_THERE,
    NUMBERS,
    RECOVERY,
    RIGHT,
    START,
    begun,
    granted,
    phone,
    refused,
    starts,
)
from workflows.machine import (
    PublishedView,
    State,
    allowed,
    challenge,
    decide,
    enrollment,
    readers_view,
    view_of,
    wake_at,
)
from workflows.machine.answers import AnyEvent, CallFailed, CheckAnswered, PhonesListed, SendAnswered
from workflows.machine.commands import Call, Reply
from workflows.machine.endings import LEFT_BEHIND, MAYBE_ENROLLED
from workflows.machine.events import Cancelled, CodeGiven, MalformedCode, NumberChanged, SendAsked, TokenGiven, Woken
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


TOKENS_GIVEN: tuple[dict[str, object], ...] = (
    {},
    {"mfa_token": "T0"},
    {"mfa_token": "T0", "mfa_token_issued_at": START - timedelta(minutes=4)},
    {"mfa_token": "T0", "mfa_token_issued_at": START - timedelta(minutes=11)},
    {"mfa_token": "T0", "mfa_token_issued_at": START + timedelta(minutes=1)},
)


@pytest.mark.parametrize("token", TOKENS_GIVEN, ids=str)
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_how_a_flow_begins_is_worked_out_from_its_start(token: dict[str, object], channel: Channel) -> None:
    given = {"channel": channel, "flow_seconds": 600, "policy": {"sends": 3, "wrong_codes": 4}, **token}
    enrolls = StartEnrollment.model_validate({"phone_number": NUMBERS[0], **given})
    challenges = StartChallenge.model_validate(given)
    for request, state in (
        (enrolls, enrollment(enrolls, "run", START)),
        (challenges, challenge(challenges, "run", START)),
    ):
        seen, knows = first_view(request, "run", START), view_of(state)
        asks = knows.phase is Phase.SENDING_CODE  # and has not asked Auth0 yet
        assert seen == (knows.model_copy(update={"wait": None}) if asks else knows)


@pytest.mark.parametrize("flow", starts())
def test_a_flow_that_begins_with_a_send_publishes_nothing_for_it(flow: str) -> None:
    start = starts()[flow][1]
    sending = begun(start)
    assert sending.call
    assert PublishedView(view_of(start)).view_to_publish(sending) is None


def test_another_number_is_shown_while_its_first_code_is_sent() -> None:
    state = as_asked(begun(starts()["enrollment"][1]))
    shown = PublishedView(None)
    shown.view_to_publish(state)
    state = after(state, NumberChanged(at=state.at, phone_number=SecretStr(NUMBERS[1])))
    news = shown.view_to_publish(state)
    assert state.call and news and news.phone_number == masked(NUMBERS[1])


def test_a_list_after_a_lost_check_is_shown_as_a_check() -> None:
    state = as_asked(begun(starts()["enrollment"][1]))
    shown = PublishedView(view_of(state))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT)))
    assert shown.view_to_publish(state) is None
    news = shown.view_to_publish(after(state, refused(state, Refusal.AMBIGUOUS)))
    assert news and news.phase is Phase.CHECKING_CODE


def test_a_look_at_a_flow_that_waits_for_a_token_publishes_nothing() -> None:
    state = begun(starts()["enrollment"][0])
    later = after(state, Woken(at=state.at + timedelta(hours=1) / 2))
    assert view_of(later) == readers_view(view_of(state), later)


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


def with_two_messages() -> State:
    """An enrollment whose second message is the newest, and a third one allowed."""
    state = as_asked(begun(starts(budget=3)["enrollment"][1]))
    state = after(state, Woken(at=state.at + timedelta(seconds=30)))
    state = as_asked(after(state, SendAsked(at=state.at)))
    return after(state, Woken(at=state.at + timedelta(seconds=30)))


def test_a_code_goes_before_a_new_message_though_one_for_an_old_message_came_before_it() -> None:
    state = after(with_two_messages(), CodeGiven(at=START, code=SecretStr("W1"), message=2))
    state = after(
        state,
        SendAsked(at=START, request="resend"),
        CodeGiven(at=START, code=SecretStr("W2"), message=1, request="old"),
        CodeGiven(at=START, code=SecretStr(RIGHT), message=2, request="good"),
    )
    state = after(state, refused(state, Refusal.CODE_WRONG))
    assert state.call and state.call.purpose is Purpose.CHECK
    accepted = as_asked(state)
    assert accepted.outcome is Outcome.ENROLLED


def with_a_lost_check_and_another_number() -> State:
    """The right code's answer was lost, its list is put off, and another number is given meanwhile."""
    state = as_asked(begun(starts(budget=3)["enrollment"][1]))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT), request="code"))
    state = after(state, refused(state, Refusal.AMBIGUOUS))
    state = after(state, refused(state, Refusal.RATE_LIMITED, 30))
    return after(state, NumberChanged(at=state.at, phone_number=SecretStr(NUMBERS[1]), request="change"))


def test_another_number_comes_too_late_when_the_code_of_the_first_proves_to_have_been_right() -> None:
    state = with_a_lost_check_and_another_number()
    state = after(state, Woken(at=state.at + timedelta(seconds=30)))
    assert state.call and state.call.purpose is Purpose.LIST_AFTER_LOST_CHECK
    listed = PhonesListed(at=state.at, answer=PhonesAnswer(phones=(phone(NUMBERS[0], active=True),)))
    _, commands = decide(state, listed)
    replies = {each.request: each.answer for each in commands if isinstance(each, Reply)}
    assert isinstance(replies["code"], CodeVerdict) and replies["code"].verdict is Verdict.ACCEPTED
    state = after(state, listed)
    assert (state.outcome, state.shown_number) == (Outcome.ENROLLED, masked(NUMBERS[0]))
    assert (state.to_remove, state.cleanup) == ((), "")


def test_the_second_number_is_sent_to_when_the_code_of_the_first_was_not_right() -> None:
    state = with_a_lost_check_and_another_number()
    state = after(state, Woken(at=state.at + timedelta(seconds=30)))
    listed = PhonesListed(at=state.at, answer=PhonesAnswer(phones=(phone(NUMBERS[0], active=False),)))
    state = after(state, listed)
    assert state.call and state.call.purpose is Purpose.ASSOCIATE
    assert state.shown_number == masked(NUMBERS[1])


def test_what_a_defect_may_have_left_at_auth0_is_said() -> None:
    state = begun(starts()["enrollment"][1])
    failed = after(state, CallFailed(at=state.at, type="Defect", sentence="It broke.", perhaps_done=True))
    without_oob_code = after(state, SendAnswered(at=state.at, answer=SendAnswer()))
    assert failed.failure and without_oob_code.failure
    assert [each.cleanup for each in (failed, without_oob_code)] == [LEFT_BEHIND, LEFT_BEHIND]


def test_a_recovery_code_is_no_binding_code_though_it_comes_with_the_same_submission_id() -> None:
    state = as_asked(as_asked(begun(starts()["challenge"][1])))
    state = after(state, CodeGiven(at=state.at, code=SecretStr("W1"), submission_id="one"))
    state = after(state, refused(state, Refusal.CODE_WRONG))
    recovery = CodeGiven(at=state.at, code=SecretStr(RECOVERY), recovery=True, submission_id="one", request="recovery")
    assert answer_to(state, recovery) is None
    called = after(state, recovery).call
    assert called and called.purpose is Purpose.CHECK_RECOVERY


@pytest.mark.parametrize("seconds", [-5.0, 0.001, 1e30, float("inf"), float("nan")])
def test_whatever_time_auth0_asks_for_the_flow_waits_a_second_at_least_and_a_day_at_most(seconds: float) -> None:
    state = begun(starts()["enrollment"][1])
    for refusal in (Refusal.TOO_MANY_SENDS, Refusal.RATE_LIMITED):
        held = after(state, refused(state, refusal, seconds)).send_hold
        assert held and timedelta(seconds=1) <= held.until - state.at <= timedelta(days=1)


def test_a_token_that_is_said_to_live_for_ages_is_taken() -> None:
    state = after(begun(starts()["enrollment that challenges first"][1]))
    state = after(state, refused(state, Refusal.ALREADY_ENROLLED))
    state = as_asked(as_asked(state))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT)))
    enrolls = EnrollToken(token=SecretStr("an.access.T0"), expires_in=10**12)
    state = after(state, CheckAnswered(at=state.at, answer=CheckAnswer(enrolls=enrolls)))
    assert state.call and state.call.purpose is Purpose.ASSOCIATE


def test_a_call_that_is_made_again_says_what_auth0_refused_the_one_before_for() -> None:
    state = begun(starts()["enrollment"][1])
    state = after(state, refused(state, Refusal.RATE_LIMITED, 5))
    _, commands = decide(state, Woken(at=state.at + timedelta(seconds=5)))
    assert [each.summary for each in commands if isinstance(each, Call)] == [
        "associate by sms, message 1 (again after rate_limited)"
    ]


def test_who_asks_for_a_message_while_one_is_sent_is_told_of_that_one() -> None:
    state = begun(starts()["enrollment"][1])
    asked = after(state, SendAsked(at=state.at, request="resend"))
    _, commands = decide(asked, granted(asked))
    (receipt,) = [each.answer for each in commands if isinstance(each, Reply)]
    assert isinstance(receipt, SendReceipt) and (receipt.sent, receipt.message) == (True, 1)


@pytest.mark.parametrize("ends", ["by a cancel", "by its deadline"])
def test_a_change_of_number_that_waits_for_an_answer_is_told_of_the_end_before_it(ends: str) -> None:
    state = begun(starts()["enrollment that challenges first"][1])
    state = after(state, refused(state, Refusal.ALREADY_ENROLLED))
    if ends == "by a cancel":
        state = after(state, Cancelled(at=state.at))
    change = NumberChanged(at=state.at, phone_number=SecretStr(NUMBERS[1]), request="change")
    state = after(state, change)
    if ends == "by its deadline":
        state = after(state, Woken(at=state.deadline))
    _, commands = decide(state, granted(state))
    receipt = next(each.answer for each in commands if isinstance(each, Reply))
    assert isinstance(receipt, SendReceipt) and receipt.withheld is Withheld.OVER


def enrollment_whose_check_was_lost() -> State:
    state = as_asked(begun(starts()["enrollment"][1]))
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT), request="code"))
    state = after(state, refused(state, Refusal.AMBIGUOUS))
    assert state.call and state.call.purpose is Purpose.LIST_AFTER_LOST_CHECK
    return state


def enrollment_in_doubt() -> State:
    state = enrollment_whose_check_was_lost()
    state = after(state, PhonesListed(at=state.at, answer=PhonesAnswer()))
    state = after(state, refused(state, Refusal.AMBIGUOUS))
    state = after(state, PhonesListed(at=state.at, answer=PhonesAnswer()))
    state = after(state, refused(state, Refusal.ALREADY_ENROLLED))
    assert state.call and state.call.purpose is Purpose.LIST_IN_DOUBT
    return state


@pytest.mark.parametrize("asked", [enrollment_whose_check_was_lost, enrollment_in_doubt])
@pytest.mark.parametrize(
    ("refusal", "reason"),
    [(Refusal.TOKEN_REFUSED, WaitReason.TOKEN_REFUSED), (Refusal.SCOPE_MISSING, WaitReason.SCOPE_MISSING)],
)
def test_a_token_that_may_not_list_phones_is_not_used_again(
    asked: Callable[[], State], refusal: Refusal, reason: WaitReason
) -> None:
    state = asked()
    state = after(state, refused(state, refusal))
    view = view_of(state)
    assert (view.phase, view.wait and view.wait.reason) == (Phase.WAITING_FOR_TOKEN, reason)
    assert state.waiting is None, "a code waits for a list that nobody may see"
    assert state.wanted, "no message comes with the next login"


@pytest.mark.parametrize("asked", [enrollment_whose_check_was_lost, enrollment_in_doubt])
def test_a_user_who_is_blocked_while_phones_are_listed_is_locked_out(asked: Callable[[], State]) -> None:
    state = asked()
    assert after(state, refused(state, Refusal.USER_BLOCKED)).outcome is Outcome.LOCKED_OUT


def test_a_channel_that_is_asked_for_while_phones_are_listed_is_the_one_that_is_challenged() -> None:
    state = begun(starts()["challenge"][1])
    state = after(state, SendAsked(at=state.at, channel=Channel.VOICE, request="switch"))
    phones = tuple(phone(NUMBERS[0], active=True, channel=channel) for channel in (Channel.SMS, Channel.VOICE))
    state = after(state, PhonesListed(at=state.at, answer=PhonesAnswer(phones=phones)))
    assert state.call and state.call.purpose is Purpose.LIST_TO_CHALLENGE
    state, commands = decide(state, PhonesListed(at=state.at, answer=PhonesAnswer(phones=phones)))
    challenged = [each.request for each in commands if isinstance(each, Call)]
    assert [each.authenticator_id for each in challenged if isinstance(each, Challenge)] == [phones[1].authenticator_id]


def test_a_login_that_ends_sooner_than_the_one_there_is_changes_nothing() -> None:
    state = as_asked(begun(starts()["enrollment"][1]))
    older = TokenGiven(at=state.at, token=TOKEN, issued_at=state.at - timedelta(minutes=8))
    assert after(state, older) == after(state, Woken(at=state.at))


def test_a_code_that_waits_when_a_flow_is_locked_out_after_a_proof_is_told_so() -> None:
    state = begun(starts(budget=3)["enrollment that challenges first"][1])
    state = after(state, refused(state, Refusal.ALREADY_ENROLLED))
    state = as_asked(as_asked(state))
    state = as_asked(after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT))))
    assert state.accepted and not state.over
    state = after(state, refused(state, Refusal.USER_BLOCKED))
    verdict = answer_to(state, CodeGiven(at=state.at, request="code", code=SecretStr("W1")))
    assert isinstance(verdict, CodeVerdict) and verdict.verdict is Verdict.LOCKED_OUT


def test_a_result_says_that_a_code_whose_answer_was_lost_may_have_enrolled_the_phone() -> None:
    state = enrollment_whose_check_was_lost()
    state = after(state, refused(state, Refusal.TOKEN_REFUSED))
    state = after(state, Woken(at=state.deadline))
    assert (state.outcome, view_of(state).note) == (
        Outcome.EXPIRED,
        f"The flow's deadline has passed. {MAYBE_ENROLLED}",
    )


def test_a_phone_that_was_listed_to_be_proved_is_forgotten_once_it_is_proved() -> None:
    state = begun(starts(budget=3)["enrollment that challenges first"][1])
    state = after(state, refused(state, Refusal.ALREADY_ENROLLED))
    current = (phone(NUMBERS[1], active=True, channel=Channel.VOICE),)
    state = as_asked(after(state, PhonesListed(at=state.at, answer=PhonesAnswer(phones=current))))
    state = after(state, Woken(at=state.at + timedelta(minutes=1)), SendAsked(at=state.at + timedelta(minutes=1)))
    assert state.call and state.call.purpose is Purpose.LIST_TO_CHALLENGE
    state = after(state, CodeGiven(at=state.at, code=SecretStr(RIGHT)))
    state = after(state, PhonesListed(at=state.at, answer=PhonesAnswer(phones=current)))
    state = as_asked(as_asked(state))
    view = view_of(state)
    assert (view.phase, view.channel, view.phone_number) == (Phase.WAITING_FOR_CODE, Channel.SMS, masked(NUMBERS[0]))


@pytest.mark.parametrize("asked", [enrollment_whose_check_was_lost, enrollment_in_doubt])
@pytest.mark.parametrize("refusal", [Refusal.AMBIGUOUS, Refusal.TOO_MANY_CODES, Refusal.RATE_LIMITED])
def test_a_token_is_kept_though_auth0_cannot_list_phones_now(asked: Callable[[], State], refusal: Refusal) -> None:
    state = asked()
    state = after(state, refused(state, refusal, 60))
    assert state.usable_credential
    assert view_of(state).phase is Phase.COOLING_DOWN


def test_a_switch_to_the_channel_that_is_next_anyway_asks_for_no_other_list() -> None:
    state = begun(starts()["challenge"][1])
    state = after(state, SendAsked(at=state.at, channel=Channel.SMS))
    state = as_asked(state)
    assert state.call and state.call.purpose is Purpose.CHALLENGE


def test_a_challenge_that_a_defect_ends_names_its_phone() -> None:
    state = as_asked(begun(starts()["challenge"][1]))
    state = after(state, CallFailed(at=state.at, type="Defect", sentence="It broke."))
    assert (state.channel, state.shown_number) == (Channel.SMS, masked(ALREADY_THERE))


def enrollment_waiting_for_a_code() -> State:
    return as_asked(begun(starts()["enrollment"][1]))


def test_a_malformed_code_is_told_until_the_next_verdict() -> None:
    state = enrollment_waiting_for_a_code()
    came_at = state.at + timedelta(seconds=5)
    state = after(state, MalformedCode(at=came_at))
    assert view_of(state) == view_of(after(enrollment_waiting_for_a_code(), Woken(at=came_at))).model_copy(
        update={"malformed_code_at": came_at}
    )
    state = after(state, CodeGiven(at=state.at, code=SecretStr("000000")))
    assert view_of(state).malformed_code_at == came_at
    state = after(state, refused(state, Refusal.CODE_WRONG))
    assert view_of(state).malformed_code_at is None


def test_a_malformed_code_is_told_until_the_next_message() -> None:
    state = enrollment_waiting_for_a_code()
    state = after(state, MalformedCode(at=state.at), Woken(at=state.at + timedelta(minutes=1)))
    state = after(state, SendAsked(at=state.at))
    assert view_of(state).malformed_code_at
    assert view_of(as_asked(state)).malformed_code_at is None


def test_further_malformed_codes_change_nothing_so_that_a_flood_is_published_once() -> None:
    state = after(enrollment_waiting_for_a_code(), MalformedCode(at=START + timedelta(seconds=5)))
    published = PublishedView(None)
    assert published.view_to_publish(state)
    state = after(state, *(MalformedCode(at=START + timedelta(seconds=second)) for second in (6, 7)))
    assert published.view_to_publish(state) is None


def test_a_malformed_code_that_comes_during_a_call_is_published_with_the_answer() -> None:
    sending = begun(starts()["challenge"][1])
    published = PublishedView(view_of(sending))
    assert published.view_to_publish(sending) is None
    state = after(sending, MalformedCode(at=sending.at))
    assert published.view_to_publish(state) is None
    view = published.view_to_publish(after(state, refused(state, Refusal.RATE_LIMITED, 60)))
    assert view and view.malformed_code_at == sending.at


@pytest.mark.parametrize("calling", [False, True], ids=["while it waits", "while Auth0 is asked"])
def test_a_flow_that_another_start_replaces_ends_as_superseded_though_it_was_cancelled_too(*, calling: bool) -> None:
    state = begun(starts()["enrollment"][1]) if calling else enrollment_waiting_for_a_code()
    replaced = Cancelled(at=START, reason="replaced", superseded=True)
    state = after(state, replaced, Cancelled(at=START, by_engine=True))
    state = as_asked(state) if calling else state
    assert (state.outcome, state.note, state.over) == (Outcome.SUPERSEDED, "replaced", True)


def test_a_malformed_code_after_the_end_is_not_told() -> None:
    state = after(enrollment_waiting_for_a_code(), Cancelled(at=START))
    assert state.over
    assert view_of(after(state, MalformedCode(at=state.at))).malformed_code_at is None


ALREADY_ENROLLED = SendAnswer(refusal=Refusal.ALREADY_ENROLLED)


def test_a_flow_begun_before_enrolled_phones_were_listed_ends_at_once() -> None:
    state = begun(starts()["enrollment"][1])
    state = after(state, SendAnswered(at=state.at, answer=ALREADY_ENROLLED, may_list=False))
    assert (state.call, state.outcome, state.enrolled_phone) == (None, Outcome.ALREADY_ENROLLED, "")


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        (PhonesAnswer(phones=(phone(ALREADY_THERE, active=True),)), masked(ALREADY_THERE)),
        (PhonesAnswer(phones=(phone(ALREADY_THERE, active=False),)), ""),
        (PhonesAnswer(), ""),
        *((PhonesAnswer(refusal=refusal, retry_after_seconds=900), "") for refusal in Refusal),
        (None, ""),
    ],
)
def test_a_user_who_is_already_enrolled_is_told_which_phone_if_the_list_tells_it(
    listed: PhonesAnswer | None, known: str
) -> None:
    state = begun(starts()["enrollment"][1])
    state = after(state, SendAnswered(at=state.at, answer=ALREADY_ENROLLED))
    assert state.call and state.call.purpose is Purpose.LIST_ENROLLED
    answer = PhonesListed(at=state.at, answer=listed) if listed else CallFailed(at=state.at, type="Defect", sentence="")
    state = after(state, answer)
    assert (state.outcome, view_of(state).enrolled_phone) == (Outcome.ALREADY_ENROLLED, known)
