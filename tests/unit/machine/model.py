"""The world of one flow in small: all that can happen to it in a state, and when two states are the same.

Callers, Auth0 and the clock, with budgets of two, a handful of secrets, and at most two requests that wait. Times are
kept by their order: two states in which the same things come next in the same order count as one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from string import ascii_letters
from typing import Final, NamedTuple

from pydantic import SecretStr

from phone_mfa.contracts import (
    Action,
    Budget,
    Channel,
    FlowKind,
    FlowPolicy,
    StartChallenge,
    StartEnrollment,
    TokenSet,
    WhenEnrolled,
    is_access_token,
    masked,
    reveal,
)
from phone_mfa.contracts.calls import (
    CheckAnswer,
    EnrollToken,
    Phone,
    PhonesAnswer,
    Refusal,
    RemovalAnswer,
    SendAnswer,
    UserBudget,
)
from workflows.machine import State, allowed, challenge, decide, enrollment, wake_at
from workflows.machine.answers import AnyEvent, CallFailed, CheckAnswered, PhonesListed, RemovalAnswered, SendAnswered
from workflows.machine.due import call_at
from workflows.machine.events import (
    Asked,
    Cancelled,
    CodeGiven,
    InvitationRevoked,
    MalformedCode,
    NumberChanged,
    SendAsked,
    TokenGiven,
    Woken,
)
from workflows.machine.records import Credential, Hold, Purpose, Submission
from workflows.machine.requests import OF_NUMBER

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
RIGHT: Final = "314159"
RECOVERY: Final = "ABCDEFGHJKLMNPQRSTUVWX23"
NUMBERS: Final = ("+15555550123", "+15555559876")
ALREADY_THERE: Final = "+15555550456"
MOST_WAITING: Final = 2
LONG_WAIT_SECONDS: Final = 400.0
"""Longer than a code lives, shorter than a token."""

FLOW_SECONDS: Final = 3600


USUAL, UNUSUAL = 1, 3
"""What an event costs. An exploration is exhaustive up to a sum, so that lives go deep which little disturbs."""


class Happening(NamedTuple):
    """An event, what to call it where a path is told, and what it costs."""

    name: str
    event: AnyEvent
    cost: int = UNUSUAL


# Where a flow begins


def starts(budget: int = 2) -> dict[str, tuple[State, ...]]:
    """The flows that are explored, each without a token and with one. ``budget``: of messages, and of wrong codes.

    A challenge is also asked for by voice, which not every phone is listed with.
    """
    enrollments: dict[str, dict[str, object]] = {
        "enrollment": {},
        "enrollment with a voice call": {"policy": policy(budget, voice_after_seconds=60)},
        "enrollment that challenges first": {"when_enrolled": WhenEnrolled.CHALLENGE_FIRST},
        "enrollment of an invited user": {"invited": True},
    }
    found: dict[str, tuple[State, ...]] = {
        name: (_enrollment(budget, None, fields), _enrollment(budget, "T0", fields))
        for name, fields in enrollments.items()
    }
    challenges = (_challenge(budget, None), _challenge(budget, "T0"), _challenge(budget, "T0", Channel.VOICE))
    return found | {"challenge": challenges}


def policy(budget: int, **fields: object) -> FlowPolicy:
    given = {"sends": budget, "wrong_codes": budget, "resend_after_seconds": (30,), **fields}
    return FlowPolicy.model_validate(given)


def _enrollment(budget: int, token: str | None, fields: dict[str, object]) -> State:
    given = {"phone_number": NUMBERS[0], "mfa_token": token, "flow_seconds": FLOW_SECONDS, "policy": policy(budget)}
    return enrollment(StartEnrollment.model_validate(given | fields), "run", START)


def _challenge(budget: int, token: str | None, channel: Channel | None = None) -> State:
    given = {"mfa_token": token, "channel": channel, "flow_seconds": FLOW_SECONDS, "policy": policy(budget)}
    return challenge(StartChallenge.model_validate(given), "run", START)


# What can happen


def happenings(state: State) -> Iterator[Happening]:
    """All that can happen next."""
    yield from times(state)
    if state.call:
        yield from answers(state)
    yield from messages(state)


def times(state: State) -> Iterator[Happening]:
    """Time passes until something is decided by it: the flow wakes, something ends while Auth0 is asked."""
    if state.finished:
        return
    ahead = [time for time in (*times_in(state), wake_at(state)) if time and time > state.at]
    if ahead:
        yield Happening("time passes", Woken(at=min(ahead)), USUAL)


_OFTEN_SAID: Final = {
    "a fresh token",
    "a wrong code",
    "another number",
    "resend",
    "the recovery code",
    "the right code",
}


def messages(state: State) -> Iterator[Happening]:
    """All that callers may say."""
    may = allowed(state)
    for each in (*codes(state, may), *tokens(state), *sends(state, may)):
        usual = each.name in _OFTEN_SAID and not state.call
        yield each._replace(cost=USUAL) if usual else each
    if state.invitation:
        name = name_for(state, "revoke", may=Action.REVOKE_INVITATION in may)
        yield Happening("the links are revoked", InvitationRevoked(at=state.at, request=name))
    yield Happening("a malformed code by signal", MalformedCode(at=state.at))
    yield Happening("cancel", Cancelled(at=state.at, reason="no more"))
    yield Happening("cancel by the engine", Cancelled(at=state.at, by_engine=True))


def codes(state: State, allowed_now: tuple[Action, ...]) -> Iterator[Happening]:
    may = Action.SUBMIT_CODE in allowed_now
    may_be_right = may or RIGHT in _known_codes(state)
    newest = state.message.number if state.message else 1
    given: dict[str, dict[str, object]] = {
        "a wrong code": {"code": _unused_wrong_code(state), "request": name_for(state, "code", may=may)},
        "the right code": {"code": RIGHT, "request": name_for(state, "code", may=may_be_right)},
        "the right code by signal": {"code": RIGHT},
        "a wrong code again": {"code": "W1", "request": name_for(state, "again", may=True)},
        "a wrong code for the newest known message": {
            "code": _unused_wrong_code(state),
            "message": newest,
            "request": name_for(state, "numbered", may=may),
        },
    }
    if newest > 1:
        name = name_for(state, "older", may=RIGHT in _known_codes(state))
        given["the right code of the message before"] = {"code": RIGHT, "message": newest - 1, "request": name}
    if state.kind is FlowKind.CHALLENGE:
        may = Action.SUBMIT_RECOVERY_CODE in allowed_now or RECOVERY in _known_codes(state)
        name = name_for(state, "recovery", may=may)
        given["the recovery code"] = {"code": RECOVERY, "recovery": True, "request": name}
        given["a wrong recovery code"] = {"code": _unused_wrong_code(state), "recovery": True}
    for label, fields in given.items():
        yield Happening(label, CodeGiven.model_validate({"at": state.at, **fields}))


def tokens(state: State) -> Iterator[Happening]:
    fresh = SecretStr(_unused_token(state))
    request = name_for(state, "token", may=True)
    yield Happening("a fresh token", TokenGiven(at=state.at, token=fresh, request=request))
    issued_at = state.at - timedelta(minutes=8)
    yield Happening("an old token by signal", TokenGiven(at=state.at, token=fresh, issued_at=issued_at))
    if state.credential:
        yield Happening("the same token", TokenGiven(at=state.at, token=state.credential.token, request=request))


def sends(state: State, may: tuple[Action, ...]) -> Iterator[Happening]:
    request = name_for(state, "resend", may=Action.RESEND in may)
    yield Happening("resend", SendAsked(at=state.at, request=request))
    yield Happening("resend by signal", SendAsked(at=state.at))
    request = name_for(state, "switch", may=Action.SWITCH_CHANNEL in may)
    yield Happening("switch to voice", SendAsked(at=state.at, channel=Channel.VOICE, request=request))
    if state.new_number:
        request = name_for(state, "change", may=Action.CHANGE_NUMBER in may)
        other = next(number for number in NUMBERS if number != reveal(state.new_number))
        yield Happening("another number", NumberChanged(at=state.at, phone_number=SecretStr(other), request=request))
        yield Happening("the same number", NumberChanged(at=state.at, phone_number=state.new_number))


def name_for(state: State, asked: str, *, may: bool) -> str:
    """A name for a request that no other one has. It keeps in mind whether the view allowed what it asks for."""
    taken = {name.strip(ascii_letters) for name in requests_of(state)}
    number = next(number for number in count(1) if not taken & {f"+{number}", f"-{number}"})
    return f"{asked}{'+' if may else '-'}{number}"


def was_allowed(request: str) -> bool:
    """Whether the view allowed what a request of this name asks for."""
    return "+" in request


def _known_codes(state: State) -> set[str]:
    lined = [each.code for each in state.line if isinstance(each, CodeGiven)]
    return {reveal(code) for code in (*(each.code for each in state.submissions), *lined)}


def _unused_wrong_code(state: State) -> str:
    return next(code for code in (f"W{number}" for number in count(1)) if code not in _known_codes(state))


def _unused_token(state: State) -> str:
    held = [state.credential, state.message and state.message.credential, state.call and state.call.credential]
    used = {reveal(each.token) for each in held if each}
    used |= {reveal(each.token) for each in state.line if isinstance(each, TokenGiven)}
    kind = "T" if state.kind is FlowKind.CHALLENGE else "an.access.T"
    return next(token for token in (f"{kind}{number}" for number in count(1)) if token not in used)


# What Auth0 answers

_ANY_CALL: Final = (
    Refusal.NOT_REACHED,
    Refusal.TOO_LATE,
    Refusal.RATE_LIMITED,
    Refusal.TOKEN_REFUSED,
    Refusal.SCOPE_MISSING,
    Refusal.USER_BLOCKED,
)
_LISTS: Final = (*_ANY_CALL, Refusal.AMBIGUOUS, Refusal.TOO_MANY_CODES)
_SENDS: Final = (
    *_LISTS,
    Refusal.TOO_MANY_SENDS,
    Refusal.CHANNEL_DISABLED,
    Refusal.UNDELIVERABLE,
    Refusal.BUDGET_SPENT,
)
_CHECKS: Final = (*_LISTS, Refusal.CODE_WRONG, Refusal.CODE_EXPIRED, Refusal.BUDGET_SPENT)
CODE_CHECKS: Final = {Purpose.CHECK, Purpose.CHECK_RECOVERY}
REFUSALS: Final[dict[Purpose, tuple[Refusal, ...]]] = {
    Purpose.ASSOCIATE: (*_SENDS, Refusal.ALREADY_ENROLLED, Refusal.NUMBER_NOT_ALLOWED),
    Purpose.CHALLENGE: (*_SENDS, Refusal.NOT_ENROLLED, Refusal.AUTHENTICATOR_GONE),
    Purpose.CHECK: _CHECKS,
    Purpose.CHECK_RECOVERY: (*_CHECKS, Refusal.NOT_ENROLLED),
    Purpose.LIST_TO_CHALLENGE: _LISTS,
    Purpose.LIST_AFTER_LOST_SEND: _LISTS,
    Purpose.LIST_IN_DOUBT: _LISTS,
    Purpose.LIST_ENROLLED: _LISTS,
    Purpose.LIST_BEFORE_ENROLLING: _LISTS,
    Purpose.LIST_AFTER_LOST_CHECK: _LISTS,
    Purpose.REMOVE: _ANY_CALL,
}
"""What each call may be refused for."""


def answers(state: State) -> Iterator[Happening]:
    """All that Auth0 may answer to the open call."""
    assert state.call
    for refusal in REFUSALS[state.call.purpose]:
        seconds = LONG_WAIT_SECONDS if refusal in (Refusal.RATE_LIMITED, Refusal.BUDGET_SPENT) else None
        if refusal is Refusal.BUDGET_SPENT and state.call.purpose in CODE_CHECKS:
            yield Happening(f"{state.call.purpose} refused: {refusal}, shortly", refused(state, refusal, 30.0), UNUSUAL)
        cost = USUAL if refusal is Refusal.CODE_WRONG else UNUSUAL
        yield Happening(f"{state.call.purpose} refused: {refusal}", refused(state, refusal, seconds), cost)
    for number, (name, event) in enumerate(_granted(state).items()):
        yield Happening(f"{state.call.purpose}: {name}", event, UNUSUAL if number else USUAL)
    for perhaps_done in (False, True):
        failed = CallFailed(at=state.at, type="Defect", sentence="It broke.", perhaps_done=perhaps_done)
        yield Happening(f"{state.call.purpose} fails, perhaps done: {perhaps_done}", failed)


def refused(state: State, refusal: Refusal, seconds: float | None = None) -> AnyEvent:
    """The refusal of the open call."""
    assert state.call
    budget = (
        (Budget.WRONG_CODES if state.call.purpose in CODE_CHECKS else Budget.NUMBER)
        if refusal is Refusal.BUDGET_SPENT
        else None
    )
    told: dict[str, object] = {"refusal": refusal, "retry_after_seconds": seconds, "budget": budget}
    return _answered(state.call.purpose, state.at, told)


def _answered(purpose: Purpose, at: datetime, told: dict[str, object]) -> AnyEvent:
    if purpose in (Purpose.ASSOCIATE, Purpose.CHALLENGE):
        return SendAnswered(at=at, answer=SendAnswer.model_validate(told))
    if purpose in (Purpose.CHECK, Purpose.CHECK_RECOVERY):
        return CheckAnswered(at=at, answer=CheckAnswer.model_validate(told))
    if purpose is Purpose.REMOVE:
        return RemovalAnswered(at=at, answer=RemovalAnswer.model_validate(told))
    return PhonesListed(at=at, answer=PhonesAnswer.model_validate(told))


def granted(state: State) -> AnyEvent:
    """What was asked for, as the answer to the open call."""
    return next(iter(_granted(state).values()))


def _granted(state: State) -> dict[str, AnyEvent]:
    assert state.call
    purpose, at = state.call.purpose, state.at
    if purpose in (Purpose.ASSOCIATE, Purpose.CHALLENGE):
        sent = SendAnswered(at=at, answer=SendAnswer(oob_code=SecretStr("oob")))
        last = UserBudget(sends=0, sends_reset_seconds=LONG_WAIT_SECONDS, tries=1)
        return {
            "sent": sent,
            "sent, as the user's last": SendAnswered(
                at=at, answer=SendAnswer(oob_code=SecretStr("oob"), user_budget=last)
            ),
            "sent without an oob code": SendAnswered(at=at, answer=SendAnswer()),
        }
    if purpose in (Purpose.CHECK, Purpose.CHECK_RECOVERY):
        enrolls = EnrollToken(token=SecretStr("an.access.T0"), expires_in=600)
        right: dict[str, AnyEvent] = {"right": CheckAnswered(at=at, answer=CheckAnswer(tokens=TOKENS))}
        may_enroll = CheckAnswered(at=at, answer=CheckAnswer(enrolls=enrolls))
        return {"right, and may enroll": may_enroll} | right if state.proving_current_phone else right
    if purpose is Purpose.REMOVE:
        return {"removed": RemovalAnswered(at=at, answer=RemovalAnswer(removed=1))}
    return {name: PhonesListed(at=at, answer=PhonesAnswer(phones=phones)) for name, phones in _lists(state).items()}


TOKENS: Final = TokenSet(access_token=SecretStr("an-access-token"))


def _lists(state: State) -> dict[str, tuple[Phone, ...]]:
    number = reveal(state.new_number) if state.new_number else ALREADY_THERE
    none: dict[str, tuple[Phone, ...]] = {"no phone": ()}
    first = none if state.call and state.call.purpose is Purpose.LIST_BEFORE_ENROLLING else {}
    return first | {
        "the phone": (phone(number, active=True),),
        "no phone": (),
        "the phone, not confirmed": (phone(number, active=False),),
        "another phone": (phone(ALREADY_THERE, active=True), phone(ALREADY_THERE, active=True, channel=Channel.VOICE)),
    }


def phone(number: str, *, active: bool, channel: Channel = Channel.SMS) -> Phone:
    name = masked(number)
    return Phone(authenticator_id=f"{channel}|dev_{name[-4:]}", channel=channel, name=name, active=active)


# Who waits


def load_of(state: State) -> int:
    """How many callers and codes wait for an answer of whatever kind."""
    codes_waiting = sum(each.verdict is None for each in state.submissions)
    return codes_waiting + len(state.line) + len(state.wanted.callers if state.wanted else ())


def requests_of(state: State) -> list[str]:
    """The requests that were not answered yet."""
    waiting = list(state.wanted.callers) if state.wanted else []
    waiting += [caller.request for each in state.submissions for caller in each.callers]
    return waiting + [each.request for each in state.line if each.request]


# When two states are the same


def key_of(state: State) -> object:
    """States of one key go on alike, but for the times that are shown, words, and for how long it takes."""
    names = _Names(state)
    common = (state.over, state.finished, state.cancelled, _call_key(state, names), _line_key(state, names))
    if state.over:
        return (*common, len(state.to_remove), state.accepted, names.credential(state.usable_credential))
    return (*common, *_sending_key(state, names), *_checking_key(state, names), names.credential(state.credential))


class _Names:
    """Secrets and times by the order in which they come. A token also tells whether it may remove phones."""

    def __init__(self, state: State) -> None:
        ahead = sorted({time for time in times_in(state) if time > state.at})
        self._order = {time: rank for rank, time in enumerate(ahead, 1)}
        self._secrets: dict[str, int] = {}

    def time(self, time: datetime | None) -> int:
        return self._order.get(time, 0) if time else 0

    def end_of(self, hold: Hold | None) -> int:
        return self.time(hold.until) if hold else 0

    def secret(self, secret: SecretStr | None) -> object:
        if secret is None:
            return None
        text = reveal(secret)
        return self._secrets.setdefault(text, len(self._secrets)), is_access_token(secret)

    def credential(self, credential: Credential | None) -> object:
        return credential and (self.secret(credential.token), self.time(credential.expires_at), credential.proved)


def _call_key(state: State, names: _Names) -> object:
    call = state.call
    return call and (
        call.purpose,
        names.secret(call.credential.token),
        call.submission and _waiting_key(call.submission),
    )


def _line_key(state: State, names: _Names) -> object:
    return tuple(_line_entry_key(each, names) for each in state.line)


def _line_entry_key(event: Asked, names: _Names) -> object:
    what: object = None
    if isinstance(event, CodeGiven):
        what = (_kind_of(event.code), event.message, event.recovery)
    elif isinstance(event, TokenGiven):
        what = (names.secret(event.token), event.issued_at is not None)
    elif isinstance(event, SendAsked):
        what = event.channel
    elif isinstance(event, NumberChanged):
        what = names.secret(event.phone_number)
    return type(event), what, _flag(event.request)


def _flag(request: str | None) -> object:
    return request and was_allowed(request)


def _kind_of(code: SecretStr) -> str:
    text = reveal(code)
    return "wrong" if text.startswith("W") else text


def _sending_key(state: State, names: _Names) -> tuple[object, ...]:
    message = state.message
    return (
        state.wanted and tuple(_flag(each) for each in state.wanted.callers),
        state.sends,
        state.lost_in_a_row,
        state.lost_messages,
        state.called_by_itself,
        names.end_of(state.send_hold),
        state.send_hold and state.send_hold.reason in OF_NUMBER,
        state.known_user_sends and (state.known_user_sends.left, names.time(state.known_user_sends.resets_at)),
        names.time(state.resend_allowed_at),
        names.time(call_at(state)),
        state.channel,
        None if state.message else state.first_channel,
        state.listed and state.listed.channel,
        state.proving_current_phone,
        state.lists_first,
        state.invitation and min(state.invitation, 2),
        names.secret(state.maybe_enrolled),
        state.associated > 0,
        names.secret(state.new_number),
        tuple(names.secret(each) for each in state.abandoned),
        message and (message.number, message.channel, message.closed is not None, state.live_message is not None),
        message and names.secret(message.credential.token),
        message and not message.closed and names.time(message.expires_at),
    )


def _checking_key(state: State, names: _Names) -> tuple[object, ...]:
    newest = state.message.number if state.message else 0
    waiting = tuple(_waiting_key(each) for each in state.submissions if each.verdict is None)
    judged = {(_kind_of(each.code), each.message) for each in state.submissions if each.verdict}
    told_again = frozenset(each for each in judged if each[1] is None or each[1] >= newest)
    return waiting, told_again, state.wrong_codes, names.end_of(state.check_hold)


def _waiting_key(submission: Submission) -> object:
    callers = tuple(_flag(each.request) for each in submission.callers)
    return _kind_of(submission.code), submission.message, callers, submission.lost, submission.unsettled


def times_in(state: State) -> Iterator[datetime]:
    """All times that something is decided by."""
    yield state.deadline
    if state.credential:
        yield state.credential.expires_at
    if state.live_message:
        yield state.live_message.expires_at
    for hold in (state.send_hold, state.check_hold):
        if hold:
            yield hold.until
    if state.known_user_sends:
        yield state.known_user_sends.resets_at
    for time in (state.resend_allowed_at, call_at(state)):
        if time:
            yield time


def begun(state: State) -> State:
    """The flow as it stands right after its start."""
    return decide(state, Woken(at=state.at))[0]
