"""A real flow on a real server, and the machine beside it: both are told the same, and both do the same.

Hypothesis draws what happens as a list, which is then played in one asynchronous test: its own state machines cannot
wait for a server.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from phone_mfa.client import FailedFlowError, Flows
from phone_mfa.contracts import (
    BindingCode,
    Channel,
    CodeVerdict,
    FlowView,
    Phase,
    ProvideMfaToken,
    RecoveryCode,
    SendReceipt,
    StartChallenge,
    StartEnrollment,
    WhenEnrolled,
)
from phone_mfa.contracts.calls import Answer, Associate, Challenge, CheckCode, CheckRecoveryCode, ListPhones, Refusal
from phone_mfa.contracts.live_view import as_of
from tests.integration.flows.script import RIGHT_CODE, RIGHT_RECOVERY_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage
from tests.keys import KEYS
from workflows.activity_calls import KINDS
from workflows.machine import State, challenge, decide, enrollment, result_of, view_of, wake_at
from workflows.machine.answers import AnyEvent
from workflows.machine.commands import Call, CallRequest, Reply, ReplyAnswer
from workflows.machine.events import Cancelled, CodeGiven, Message, NumberChanged, SendAsked, TokenGiven, Woken

EXAMPLES: Final = 3
"""For each kind of flow."""

STEPS: Final = 8
AUTH0_ASKS_FOR_SECONDS: Final = 100.0
PAUSES: Final = (35, 130, 310, 620)
"""Past the resend schedule; past what Auth0 asks for; past a code's end; past a token's end."""

POLICY: Final = {"sends": 3, "wrong_codes": 2}
Request = StartEnrollment | StartChallenge


def _enrollment(**fields: object) -> StartEnrollment:
    return StartEnrollment.model_validate(
        {"phone_number": NUMBER, "mfa_token": LOGIN_TOKEN, "policy": POLICY, **fields}
    )


STARTS: Final[dict[str, Request]] = {
    "enrollment": _enrollment(),
    "enrollment without a token": _enrollment(mfa_token=None),
    "enrollment with a voice call": _enrollment(policy={**POLICY, "voice_after_seconds": 60}),
    "enrollment that challenges first": _enrollment(when_enrolled=WhenEnrolled.CHALLENGE_FIRST),
    "challenge": StartChallenge.model_validate({"mfa_token": LOGIN_TOKEN, "policy": POLICY}),
}
LISTED: Final = {"enrollment that challenges first", "challenge"}
"""Where Auth0 knows the phone already."""

REFUSALS: Final[dict[type[CallRequest], tuple[Refusal, ...]]] = {
    Associate: (
        Refusal.AMBIGUOUS,
        Refusal.RATE_LIMITED,
        Refusal.TOO_MANY_SENDS,
        Refusal.TOKEN_REFUSED,
        Refusal.CHANNEL_DISABLED,
        Refusal.UNDELIVERABLE,
        Refusal.ALREADY_ENROLLED,
    ),
    Challenge: (Refusal.AMBIGUOUS, Refusal.RATE_LIMITED, Refusal.AUTHENTICATOR_GONE, Refusal.TOKEN_REFUSED),
    CheckCode: (
        Refusal.AMBIGUOUS,
        Refusal.RATE_LIMITED,
        Refusal.TOO_MANY_CODES,
        Refusal.CODE_EXPIRED,
        Refusal.TOKEN_REFUSED,
    ),
    CheckRecoveryCode: (Refusal.AMBIGUOUS, Refusal.RATE_LIMITED, Refusal.NOT_ENROLLED),
    ListPhones: (Refusal.RATE_LIMITED, Refusal.SCOPE_MISSING),
}


class Beside:
    """The machine, with an Auth0 of its own that is told the same as the flow's."""

    def __init__(self, state: State) -> None:
        self.state, self.auth0 = state, ScriptedAuth0()
        self.replies: dict[str, ReplyAnswer] = {}

    async def take(self, event: AnyEvent) -> None:
        """Decide, and answer what is asked of Auth0, until it rests."""
        left: list[AnyEvent] = [event]
        while left:
            self.state, commands = decide(self.state, left.pop())
            self.replies |= {each.request: each.answer for each in commands if isinstance(each, Reply)}
            left += [await self._answered(each) for each in commands if isinstance(each, Call)]

    async def pass_time(self, until: datetime) -> None:
        while not self.state.finished and (due := wake_at(self.state)) and due <= until:
            await self.take(Woken(at=due))

    async def _answered(self, call: Call) -> AnyEvent:
        asked: dict[type[CallRequest], Callable[[Any], Awaitable[Answer]]] = {
            Associate: self.auth0.associate,
            Challenge: self.auth0.challenge,
            CheckCode: self.auth0.check_binding_code,
            CheckRecoveryCode: self.auth0.check_recovery_code,
            ListPhones: self.auth0.phones,
        }
        request = call.request
        answer = await asked.get(type(request), self.auth0.remove_pending)(request)
        return KINDS[type(request)].event.model_validate({"at": self.state.at, "answer": answer})


class Pair:
    """One flow, and the machine beside it."""

    def __init__(self, stage: Stage, flow: str, beside: Beside) -> None:
        self.stage, self.flow, self.beside = stage, flow, beside
        self.told_at = stage.clock()
        self.flows = Flows(
            stage.engine.client,
            tenant="tenant",
            keys=KEYS,
            task_queue=stage.task_queue,
            clock=lambda: self.told_at,
        )
        self._answers: dict[str, asyncio.Task[Any]] = {}

    async def say(self, event: Message, said: Awaitable[Any]) -> None:
        """Tell both."""
        if event.request:
            self._answers[event.request] = asyncio.ensure_future(said)
        else:
            await said
        await self.beside.take(event)
        await self.agree()

    async def wait(self, seconds: int) -> None:
        await self.stage.later(self.flow, seconds=seconds)
        await self.beside.pass_time(self.stage.clock())
        await self.agree()

    def refuse(self, request: type[CallRequest], refusal: Refusal) -> None:
        for auth0 in (self.stage.auth0, self.beside.auth0):
            auth0.refuse(request, refusal, AUTH0_ASKS_FOR_SECONDS)

    async def agree(self) -> None:
        """Wait until both show the same, and compare the answers that are there."""
        expected = shown(as_of(view_of(self.beside.state), self.stage.clock()))
        await self.stage.until(self.flow, lambda view: shown(view) == expected)
        for request in self._answers.keys() & self.beside.replies.keys():
            answer = await self._answers.pop(request)
            assert told(answer) == told(self.beside.replies[request]), request

    async def end(self) -> None:
        """Cancel what is not over, and compare how both ended."""
        if not self.beside.state.finished:
            self.told_at = self.stage.clock()
            await self.say(Cancelled(at=self.told_at), self.flows.cancel(self.flow))
        assert not self._answers, f"never answered: {list(self._answers)}"
        assert await self._ended() == self._expected_end()
        heard, expected = self.stage.auth0.heard, self.beside.auth0.heard
        assert [type(each) for each in heard] == [type(each) for each in expected]

    async def _ended(self) -> object:
        try:
            result = await self.flows.result(self.flow)
        except FailedFlowError:
            return "failed"
        return result.model_dump(exclude={"run_id"})

    def _expected_end(self) -> object:
        if self.beside.state.failure:
            return "failed"
        return result_of(self.beside.state).model_dump(exclude={"run_id"})


def shown(view: FlowView) -> dict[str, object]:
    """What both must show. Times differ by what the server takes."""
    fields = view.model_dump(
        include={
            "phase",
            "channel",
            "phone_number",
            "message",
            "sends_left",
            "tries_left",
            "wrong_codes",
            "proving_current_phone",
            "allowed_actions",
            "outcome",
            "note",
            "cleanup",
        }
    )
    verdict = view.last_verdict and (view.last_verdict.verdict, view.last_verdict.reason)
    return fields | {"verdict": verdict, "reason": view.wait and view.wait.reason}


def told(answer: ReplyAnswer) -> object:
    """What both must answer."""
    if isinstance(answer, Phase):
        return answer
    if isinstance(answer, CodeVerdict):
        return answer.verdict, answer.reason, answer.tries_left, answer.submission_id
    assert isinstance(answer, SendReceipt)
    return answer.sent, answer.withheld, answer.message, answer.channel, answer.sends_left, answer.reason


# What is drawn


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    seconds: int

    async def play(self, pair: Pair, number: int) -> None:
        await pair.wait(self.seconds)


@dataclass(frozen=True)
class Refuse:
    """Auth0 will refuse the next call of this kind."""

    request: type[CallRequest]
    refusal: Refusal

    async def play(self, pair: Pair, number: int) -> None:
        pair.refuse(self.request, self.refusal)


@dataclass(frozen=True)
class Code:
    """Somebody types a code, and waits for the verdict or walks away."""

    text: str
    message: int | None = None
    waits: bool = True

    async def play(self, pair: Pair, number: int) -> None:
        code = BindingCode(code=SecretStr(self.text), message=self.message, submission_id=f"code {number}")
        event = CodeGiven(
            at=pair.told_at,
            request=f"code {number}" if self.waits else None,
            code=code.code,
            message=code.message,
            submission_id=code.submission_id,
        )
        hand_in = pair.flows.check_binding_code if self.waits else pair.flows.submit_binding_code
        await pair.say(event, hand_in(pair.flow, code))


@dataclass(frozen=True)
class Recovery:
    """Somebody types a recovery code."""

    text: str

    async def play(self, pair: Pair, number: int) -> None:
        code = RecoveryCode(recovery_code=SecretStr(self.text), submission_id=f"recovery {number}")
        event = CodeGiven(
            at=pair.told_at,
            request=f"recovery {number}",
            code=code.recovery_code,
            recovery=True,
            submission_id=code.submission_id,
        )
        await pair.say(event, pair.flows.check_recovery_code(pair.flow, code))


@dataclass(frozen=True)
class Login:
    """Somebody logs in again. ``token``: with the number of the step in it, one that is fresh."""

    token: str

    async def play(self, pair: Pair, number: int) -> None:
        token = ProvideMfaToken(mfa_token=SecretStr(self.token.format(number)))
        event = TokenGiven(at=pair.told_at, request=f"token {number}", token=token.mfa_token)
        await pair.say(event, pair.flows.renew_token(pair.flow, token))


@dataclass(frozen=True)
class Send:
    """Somebody asks for another message, perhaps on another channel."""

    channel: Channel | None = None

    async def play(self, pair: Pair, number: int) -> None:
        event = SendAsked(at=pair.told_at, request=f"send {number}", channel=self.channel)
        asked = pair.flows.switch_channel(pair.flow, self.channel) if self.channel else pair.flows.resend(pair.flow)
        await pair.say(event, asked)


@dataclass(frozen=True)
class Change:
    """Somebody enrolls another number."""

    number: str

    async def play(self, pair: Pair, number: int) -> None:
        event = NumberChanged(at=pair.told_at, request=f"change {number}", phone_number=SecretStr(self.number))
        await pair.say(event, pair.flows.change_number(pair.flow, event.phone_number))


Doing = Wait | Refuse | Code | Recovery | Login | Send | Change
WRONG_RECOVERY_CODE: Final = RIGHT_RECOVERY_CODE.replace("A", "B")
CODES: Final = ("111111", "222222", "333333", "111111", RIGHT_CODE)
"""The right one ends most flows, and comes seldom."""

TOKENS: Final = (LOGIN_TOKEN, "a-fresh-token-{}", "an.access.token-{}")
"""The flow has the first one. The last one may remove what an enrollment leaves behind."""

ANY_FLOW: Final = (
    st.builds(Wait, st.sampled_from(PAUSES)),
    st.builds(Code, st.sampled_from(CODES), st.none(), st.booleans()),
    st.builds(Code, st.sampled_from(CODES), st.integers(1, 2)),
    st.builds(Send, st.sampled_from([None, None, Channel.VOICE])),
    st.builds(Login, st.sampled_from(TOKENS)),
)
ENROLLMENT: Final = (*ANY_FLOW, st.builds(Change, st.sampled_from([NUMBER, OTHER_NUMBER])))
CHALLENGE: Final = (*ANY_FLOW, st.builds(Recovery, st.sampled_from([WRONG_RECOVERY_CODE, RIGHT_RECOVERY_CODE])))


def steps_of(start: str) -> st.SearchStrategy[list[Doing]]:
    request = STARTS[start]
    asked = {CheckCode} | ({Challenge, ListPhones} if start in LISTED else set())
    asked |= {Associate} if isinstance(request, StartEnrollment) else {CheckRecoveryCode}
    refusals = [Refuse(each, refusal) for each in REFUSALS if each in asked for refusal in REFUSALS[each]]
    steps = ENROLLMENT if isinstance(request, StartEnrollment) else CHALLENGE
    drawn = st.lists(st.one_of(*steps, st.sampled_from(refusals)), min_size=STEPS, max_size=STEPS)
    return drawn if request.mfa_token else drawn.map(lambda steps: [Login(LOGIN_TOKEN), *steps])


@pytest.mark.parametrize("start", STARTS)
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
@given(st.data())
async def test_a_real_flow_does_what_the_machine_decides(
    engine: WorkflowEnvironment, start: str, data: st.DataObject
) -> None:
    stage = Stage(engine, ScriptedAuth0(), cached=100)
    async with stage.worker():
        pair = await begun(stage, start)
        for number, step in enumerate(data.draw(steps_of(start))):
            if not pair.beside.state.finished:
                pair.told_at = stage.clock()
                await step.play(pair, number)
        await pair.end()


async def begun(stage: Stage, start: str) -> Pair:
    request = STARTS[start]
    if start in LISTED:
        stage.auth0.list_phone(NUMBER, active=True)
    flow, started_at = await started(stage, request)
    beside = Beside(state_of(request, started_at))
    beside.auth0.phones_listed = stage.auth0.phones_listed
    pair = Pair(stage, flow, beside)
    await beside.take(Woken(at=started_at))
    await pair.agree()
    return pair


async def started(stage: Stage, request: Request) -> tuple[str, datetime]:
    user = str(uuid.uuid4())
    with stage.engine.with_time_skipping_disabled():
        if isinstance(request, StartEnrollment):
            flow = await stage.flows.enroll(user, request)
        else:
            flow = await stage.flows.challenge(user, request)
    return flow.flow_id, (await stage.handle(flow.flow_id).describe()).start_time


def state_of(request: Request, started_at: datetime) -> State:
    if isinstance(request, StartEnrollment):
        return enrollment(request, "run", started_at)
    return challenge(request, "run", started_at)
