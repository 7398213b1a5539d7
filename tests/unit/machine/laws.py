"""What holds of every flow, whatever happens to it. Each law breaks with a sentence."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from phone_mfa.contracts import Action, Channel, CodeVerdict, FlowKind, SendReceipt, Verdict, Withheld, activity_names
from phone_mfa.contracts.calls import (
    Associate,
    Challenge,
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    Refusal,
    SendAnswer,
)
from phone_mfa.contracts.live_view import as_of
from tests.unit.machine.model import REFUSALS, granted, key_of, refused, requests_of, was_allowed
from workflows.machine import State, allowed, decide, due, phase, readers_view, view_of, wake_at
from workflows.machine.answers import AnyEvent, CheckAnswered, SendAnswered
from workflows.machine.commands import Call, Reply
from workflows.machine.events import Asked, Cancelled, CodeGiven, NumberChanged, SendAsked, TokenGiven, Woken
from workflows.machine.records import Caller, Credential, OpenCall, Purpose, same_text
from workflows.machine.requests import OF_NUMBER
from workflows.machine.verdicts import checked_next

SENDING: Final = {Purpose.ASSOCIATE, Purpose.CHALLENGE, Purpose.LIST_TO_CHALLENGE, Purpose.LIST_BEFORE_ENROLLING}
MESSAGES: Final = {Purpose.ASSOCIATE, Purpose.CHALLENGE}
CHECKS: Final = {Purpose.CHECK, Purpose.CHECK_RECOVERY}
ACTIVITIES: Final = {
    Associate: activity_names.ASSOCIATE_PHONE,
    Challenge: activity_names.CHALLENGE_PHONE,
    CheckCode: activity_names.CHECK_BINDING_CODE,
    CheckRecoveryCode: activity_names.CHECK_RECOVERY_CODE,
    ListPhones: activity_names.LIST_PHONES,
}
ASKED_AGAIN: Final = {*SENDING, Purpose.LIST_IN_DOUBT, Purpose.LIST_AFTER_LOST_CHECK}
MOST_STEPS_TO_THE_END: Final = 8
A_MOMENT: Final = timedelta(microseconds=1)


class Step:
    """One decision: what it was on and what came of it."""

    def __init__(self, before: State, event: AnyEvent) -> None:
        self.before, self.event = before, event
        self.after, self.commands = decide(before, event)

    def replies(self) -> dict[str, object]:
        return {each.request: each.answer for each in self.commands if isinstance(each, Reply)}

    def calls(self) -> list[Call]:
        return [each for each in self.commands if isinstance(each, Call)]


# Laws of a step


def hold_for_step(step: Step) -> None:
    """What holds of every decision."""
    _each_request_is_answered_once(step)
    _answers_are_true(step)
    _calls_keep_to_the_budgets(step)
    _auth0_is_left_alone_as_it_asks(step)
    _what_auth0_refuses_for_good_is_not_asked_again(step)
    _what_is_over_stays_over(step)
    assert step.after.at == max(step.before.at, step.event.at), "the clock is not at the event"


def _each_request_is_answered_once(step: Step) -> None:
    asked = [step.event.request] if isinstance(step.event, Asked) and step.event.request else []
    waited = Counter([*requests_of(step.before), *asked])
    answered = Counter(each.request for each in step.commands if isinstance(each, Reply))
    waits = Counter(requests_of(step.after))
    if not (waited or answered or waits):
        return
    assert answered + waits == waited, f"asked {waited}, answered {answered}, still waiting {waits}"
    assert max((answered + waits).values(), default=1) == 1, f"asked twice: {answered + waits}"
    assert not (step.after.finished and waits), f"the flow is finished, and {waits} were never answered"


def _answers_are_true(step: Step) -> None:
    for request, answer in step.replies().items():
        if isinstance(answer, SendReceipt):
            _receipt_is_true(step, request, answer)
        elif isinstance(answer, CodeVerdict):
            assert answer.verdict is not Verdict.ACCEPTED or step.after.accepted, "accepted, but not by the flow"


def _receipt_is_true(step: Step, request: str, receipt: SendReceipt) -> None:
    left = step.after.policy.sends - step.after.sends
    known = step.after.known_user_sends
    shown = min(left, known.left) if known else left
    assert receipt.sends_left == shown, f"{receipt.sends_left} messages left by the receipt, {shown} by the count"
    if receipt.withheld is Withheld.NONE_LEFT:
        assert left == 0, f"none left is said, and {left} are"
    if receipt.withheld is Withheld.OVER:
        assert step.after.over, "over is said of a flow that goes on"
    if receipt.withheld is Withheld.LATER:
        assert not step.after.over, "later is said of a flow that is over"
    if receipt.withheld is Withheld.TOO_EARLY:
        assert receipt.allowed_at and receipt.allowed_at > step.after.at, "too early is said when it is time"
    if receipt.sent:
        assert step.before.call and step.before.call.purpose in MESSAGES, "sent is said, and nothing was"
    if request.startswith("change") and not was_allowed(request):
        assert receipt.withheld in (Withheld.NONE_LEFT, Withheld.OVER), f"{request} was not allowed, and was taken"


def _calls_keep_to_the_budgets(step: Step) -> None:
    calls, after = step.calls(), step.after
    assert len(calls) <= 1, "two calls at once"
    begun = after.call is not None and after.call is not step.before.call
    assert bool(calls) == begun, "a call is open that was not made, or made and not open"
    if calls and after.call:
        _call_is_affordable(after, after.call.purpose)
        _call_is_for_the_channel(calls[0], after)
    assert after.sends <= after.policy.sends, "more messages than the policy allows"
    assert after.wrong_codes <= after.policy.wrong_codes, "more wrong codes than the policy allows"
    assert after.sends - step.before.sends == _sent(step), "messages are not counted right"


def _auth0_is_left_alone_as_it_asks(step: Step) -> None:
    """Until a message was sent: then Auth0 is there again. A budget of the previous number holds nothing back."""
    held, call = step.before, step.after.call
    if not step.calls() or call is None or _sent(step):
        return
    hold = held.send_hold if call.purpose in SENDING else held.check_hold if call.purpose in CHECKS else None
    if hold and hold.reason in OF_NUMBER and not same_text(held.new_number, step.after.new_number):
        return
    assert hold is None or hold.until <= step.after.at, f"{call.purpose} before {hold}"


def _call_is_for_the_channel(call: Call, after: State) -> None:
    request = call.request
    if isinstance(request, Associate):
        assert request.channel is after.channel, f"{request.channel} is asked for, and {after.channel} shown"
    if isinstance(request, Challenge):
        assert after.next_channel and request.authenticator_id.startswith(after.next_channel), (
            "not the phone that was chosen"
        )
        assert after.channel in (None, after.next_channel), f"the phone is challenged by another than {after.channel}"


def _what_auth0_refuses_for_good_is_not_asked_again(step: Step) -> None:
    """A list after a lost send decides nothing: the send that follows is refused for the same."""
    call, answer, after = step.before.call, getattr(step.event, "answer", None), step.after
    if call is None or answer is None or call.purpose not in ASKED_AGAIN:
        return
    if answer.refusal in (Refusal.TOKEN_REFUSED, Refusal.SCOPE_MISSING):
        assert after.over or not _holds(after, call.credential) or _is_given_again(step), "a refused token is kept"
        if call.purpose is Purpose.LIST_AFTER_LOST_CHECK:
            assert not (after.waiting and after.waiting.unsettled), "a code waits for a list that nobody may see"
    if answer.refusal is Refusal.USER_BLOCKED:
        assert after.over, "the flow of a blocked user goes on"


def _holds(state: State, refused: Credential) -> bool:
    return state.credential is not None and same_text(state.credential.token, refused.token)


def _is_given_again(step: Step) -> bool:
    call = step.before.call
    given = [each.token for each in step.before.line if isinstance(each, TokenGiven)]
    return call is not None and any(same_text(token, call.credential.token) for token in given)


def _call_is_affordable(state: State, purpose: Purpose) -> None:
    if purpose in SENDING:
        assert state.sends_left > 0, f"{purpose} when no message is left"
        assert not checked_next(state), f"{purpose} makes a code worthless that Auth0 can be asked about"
    if purpose in CHECKS:
        assert state.tries_left > 0, f"{purpose} when no try is left"
    if purpose is Purpose.CHECK:
        assert state.live_message, "a code is checked whose message is not alive"
        asked = state.call and state.call.submission
        assert asked and asked.message not in state.lost_messages, "a code of a lost message is checked"


def _sent(step: Step) -> int:
    """How many messages the event told of, lost ones too."""
    call, event = step.before.call, step.event
    if call is None or call.purpose not in MESSAGES or not isinstance(event, SendAnswered):
        return 0
    answer: SendAnswer = event.answer
    return 1 if answer.refusal in (None, Refusal.AMBIGUOUS) else 0


def _what_is_over_stays_over(step: Step) -> None:
    before, after = step.before, step.after
    if before.over:
        assert (after.outcome, after.failure) == (before.outcome, before.failure), "an end is not final"
        assert not step.calls() or (after.call and after.call.purpose is Purpose.REMOVE), "a call after the end"
    assert after.finished or not before.finished, "finished is not final"


def holds_for_publishing(step: Step) -> None:
    """A code that is asked about has nothing published: readers work out the same."""
    before, after = step.before, step.after
    if before.call or before.wanted or not step.calls() or not isinstance(step.event, CodeGiven):
        return
    seen, true = readers_view(view_of(before), after), view_of(after)
    assert seen == true, f"seen {seen}, not {true}"


# What is offered is what is done


def hold_for_offers(step: Step) -> None:
    """What the view allows is exactly what is taken. A request made during a call carries that in its name."""
    event = step.event
    if isinstance(event, SendAsked):
        _holds_for_sends(step, Action.SWITCH_CHANNEL if event.channel else Action.RESEND)
    elif step.before.call is None and isinstance(event, NumberChanged) and event.request:
        _holds_for_changes(step, event.request)
    elif step.before.call is None and isinstance(event, CodeGiven) and event.request:
        _holds_for_codes(step, event, event.request)
    elif isinstance(event, CodeGiven) and event.request and event.request.startswith("code"):
        _holds_for_codes_during_a_call(step, event, event.request)
    elif len(step.before.line) == 1 and not isinstance(event, Asked | Woken):
        _holds_for_code_in_line(step, step.before.line[0])


def _holds_for_sends(step: Step, action: Action) -> None:
    may, call = action in allowed(step.before), step.after.call
    sends = step.before.call is None and call is not None and call.purpose in SENDING
    assert may == sends, f"{action} is {_may(may)}, and a send begins: {sends}"


def _holds_for_changes(step: Step, request: str) -> None:
    may, receipt = Action.CHANGE_NUMBER in allowed(step.before), step.replies().get(request)
    refused = isinstance(receipt, SendReceipt) and receipt.withheld in (Withheld.NONE_LEFT, Withheld.OVER)
    assert may != refused, f"a change is {_may(may)}, and answered {receipt}"


def _holds_for_codes(step: Step, event: CodeGiven, request: str) -> None:
    before = step.before
    if request.startswith(("again", "older")) or _known(before, event):
        return
    if event.message is None and before.next_message in before.lost_messages:
        return  # the newest message that can be answered has to be named
    action = Action.SUBMIT_RECOVERY_CODE if event.recovery else Action.SUBMIT_CODE
    may, taken = action in allowed(before), request not in step.replies()
    assert may == taken, f"{action} is {_may(may)}, and a code is taken: {taken}"


def _holds_for_codes_during_a_call(step: Step, event: CodeGiven, request: str) -> None:
    """If Auth0 sends what it is asked for, finds the code before wrong, and does so before the token ends."""
    before, state = step.before, step.after
    if not before.call or before.call.purpose not in SENDING | CHECKS or before.line or _known(before, event):
        return
    if before.at >= before.call.credential.expires_at:
        return
    while state.call and not _finds_out_about(state.call, request):
        if state.call.purpose in CHECKS and (state.tries_left == 1 or _asks_again(state.call)):
            return  # a wrong code would be the last, or its verdict unclear
        if state.call.purpose is Purpose.LIST_TO_CHALLENGE and state.channel is Channel.VOICE:
            return  # the phone is not listed with it
        wrong = state.call.purpose in CHECKS
        state = decide(state, refused(state, Refusal.CODE_WRONG) if wrong else granted(state))[0]
    may, taken = Action.SUBMIT_CODE in allowed(before), state.call is not None
    assert may == taken, f"{Action.SUBMIT_CODE} is {_may(may)} during a call, and the code is asked: {taken}"


def _finds_out_about(call: OpenCall, request: str) -> bool:
    return call.submission is not None and call.submission.callers[-1:] == (Caller(request=request),)


def _asks_again(call: OpenCall) -> bool:
    return call.submission is not None and call.submission.lost > 0


def _holds_for_code_in_line(step: Step, asked: Asked) -> None:
    """A code that was not allowed is answered with the call, if time did not change that and no other call begins."""
    request, after = asked.request, step.after
    if not isinstance(asked, CodeGiven) or request is None or was_allowed(request):
        return
    if after.call is None and after.at == asked.at:
        assert request in step.replies(), f"{request} was not allowed, and was taken"


def _known(state: State, event: CodeGiven) -> bool:
    given = event.code.get_secret_value()
    return any(each.code.get_secret_value() == given for each in state.submissions)


def _may(may: bool) -> str:
    return "allowed" if may else "not allowed"


# Laws of a state


def hold_for_state(state: State) -> None:
    """What holds whenever nothing is being decided."""
    assert State.model_validate_json(state.model_dump_json()) == state, "the state does not survive being written"
    assert (Action.CANCEL in allowed(state)) == (not state.over), "a cancel is not offered"
    assert (Action.RENEW_TOKEN in allowed(state)) == (not state.over), "a fresh token is not offered"
    assert not (state.listed and state.enrolling), "a phone is chosen to be challenged, and none will be"
    if state.finished:
        assert not (state.call or state.line or requests_of(state)), "something is left undone"
    elif state.call is None:
        _something_wakes(state)
        _something_can_end_well(state)
        assert not (state.wanted and state.wanted.callers), "who wants a message is not told that it comes later"


def _something_wakes(state: State) -> None:
    at = wake_at(state)
    assert at is not None and at > state.at, f"nothing wakes the flow: {due(state)}"
    assert not state.line, "a message waits for no answer"
    before = state.model_copy(update={"at": at - A_MOMENT})
    assert view_of(before) == as_of(view_of(state), before.at), "the view changes before the flow wakes"


def _something_can_end_well(state: State) -> None:
    """A challenge may still end with a recovery code."""
    means = state.sends_left or state.live_message or state.waiting or state.over
    assert means or state.kind is FlowKind.CHALLENGE, "an enrollment goes on that nothing can finish"


def ignores_what_does_not_fit(state: State) -> None:
    """An answer that fits no open call changes nothing, and neither does what is told of an earlier time."""
    for answer in _misfits(state):
        after, commands = decide(state, answer)
        assert after == state, f"{answer!r} was taken for an answer"
        assert not commands, f"{answer!r} led to {commands}"


def _misfits(state: State) -> Sequence[AnyEvent]:
    earlier = Woken(at=state.at - timedelta(hours=1))
    sent = SendAnswered(at=state.at, answer=SendAnswer(refusal=Refusal.AMBIGUOUS))
    checked = CheckAnswered(at=state.at, answer=CheckAnswer())
    if state.call is None:
        return (earlier, sent, checked)
    return (earlier, checked) if state.call.purpose in MESSAGES else (earlier, sent)


# The end can always be reached


class Ends:
    """Whether flows end by a cancel, and by time alone. Remembers the states from which they do."""

    def __init__(self) -> None:
        self._ending: set[object] = set()

    def are_reached_from(self, state: State) -> None:
        """Raise ``AssertionError`` unless the flow ends whatever Auth0 answers last, and says so in its phase."""
        self._ends(decide(state, Cancelled(at=state.at))[0], "after a cancel")
        self._ends(decide(state, Woken(at=state.deadline))[0], "at its deadline")

    def _ends(self, state: State, when: str) -> None:
        passed = list[object]()
        for _ in range(MOST_STEPS_TO_THE_END):
            key = key_of(state)
            if state.finished or key in self._ending:
                self._ending.update(passed)
                return
            passed.append(key)
            assert state.call, f"{when} the flow waits for no answer, and does not end: {phase(state)}"
            refusal = REFUSALS[state.call.purpose][0]
            state = decide(state, refused(state, refusal))[0]
        raise AssertionError(f"{when} the flow does not end: {phase(state)}")
