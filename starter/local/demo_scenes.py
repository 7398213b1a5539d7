"""The demo's scenes: four flows of two people, each checked for its outcome."""

from dataclasses import dataclass

from pydantic import SecretStr

from phone_mfa.client.flows import Flows
from phone_mfa.contracts import (
    BindingCode,
    Channel,
    FlowPolicy,
    Outcome,
    Phase,
    StartChallenge,
    StartEnrollment,
    Verdict,
    WhenEnrolled,
    masked,
)
from starter.local import DemoUser, Stack
from starter.local.demo_user import wrong_code
from starter.output import tries

from .demo_timeline import Timeline

QUICK = FlowPolicy(resend_after_seconds=(1,))
"""Allows a resend after one second, so that the demo need not wait half a minute."""


@dataclass(frozen=True)
class Scenes:
    """The scenes of one run."""

    stack: Stack
    flows: Flows
    timeline: Timeline
    ada: DemoUser
    bob: DemoUser

    async def play(self) -> None:
        """Play all scenes in order."""
        self.timeline.print("worker", f"runs as process {await self.stack.start_worker()}")
        await self.ada.sign_up()
        await self.bob.sign_up()
        await self._enroll_by_sms()
        await self._enroll_by_voice()
        await self._challenge()
        await self._enroll_another_phone()

    async def _enroll_by_sms(self) -> None:
        self.timeline.scene("Ada enrolls her phone by SMS; the worker is killed on the way")
        flow = await self._enroll(self.ada, Channel.SMS)
        first = await self._read(self.ada)
        await self._type(flow, wrong_code(first), Verdict.WRONG)

        await self.stack.kill_worker()
        self.timeline.print("worker", "killed with SIGKILL, while the flow waits for the code")
        self.timeline.print("worker", f"started again as process {await self.stack.start_worker()}")
        view = await self.flows.view(flow)
        kept = (view.phase, view.message, view.wrong_codes) == (Phase.WAITING_FOR_CODE, 1, 1)
        self.timeline.check("the flow still waits, and remembers the wrong code", holds=kept)

        receipt = await self.flows.resend(flow)
        self.timeline.check(f"Ada asks for a resend: message {receipt.message} is sent", holds=receipt.sent)
        second = await self._read(self.ada)
        await self._type(flow, first, Verdict.SUPERSEDED, message=1)
        await self._type(flow, second, Verdict.ACCEPTED)
        await self._ended(flow, Outcome.ENROLLED, sends=2)

    async def _enroll_by_voice(self) -> None:
        self.timeline.scene("Bob enrolls his phone by voice")
        flow = await self._enroll(self.bob, Channel.VOICE)
        await self._type(flow, await self._read(self.bob), Verdict.ACCEPTED)
        await self._ended(flow, Outcome.ENROLLED, sends=1)

    async def _challenge(self) -> None:
        self.timeline.scene("Ada logs in again and is challenged")
        request = StartChallenge(mfa_token=await self.ada.log_in(), channel=Channel.SMS, policy=QUICK)
        started = await self.flows.challenge(self.ada.email, request)
        self.timeline.print("flow", f"{started.flow_id} runs")
        await self._type(started.flow_id, await self._read(self.ada), Verdict.ACCEPTED)
        await self._ended(started.flow_id, Outcome.VERIFIED, sends=1)

    async def _enroll_another_phone(self) -> None:
        self.timeline.scene("Ada, already enrolled, adds another phone: the one she has is challenged first")
        number = "+15555550199"
        request = StartEnrollment(
            phone_number=SecretStr(number),
            mfa_token=await self.ada.log_in(to_manage_factors=True),
            when_enrolled=WhenEnrolled.CHALLENGE_FIRST,
            policy=QUICK,
        )
        started = await self.flows.enroll(self.ada.email, request)
        self.timeline.print("flow", f"{started.flow_id} runs")
        await self._type(started.flow_id, await self._read(self.ada), Verdict.ACCEPTED)
        await self._type(started.flow_id, await self._read(self.ada, number), Verdict.ACCEPTED)
        await self._ended(started.flow_id, Outcome.ENROLLED, sends=2)

    async def _enroll(self, person: DemoUser, channel: Channel) -> str:
        request = StartEnrollment(
            phone_number=SecretStr(person.number), channel=channel, mfa_token=await person.log_in(), policy=QUICK
        )
        started = await self.flows.enroll(person.email, request)
        self.timeline.print("flow", f"{started.flow_id} runs")
        return started.flow_id

    async def _read(self, person: DemoUser, number: str | None = None) -> str:
        message = await person.next_message(number)
        text = " ".join(message.text.split())
        self.timeline.print("phone", f"{masked(number or person.number)} {message.channel}: {text}")
        return message.code

    async def _type(self, flow: str, code: str, expected: Verdict, message: int | None = None) -> None:
        verdict = await self.flows.check_binding_code(flow, BindingCode(code=SecretStr(code), message=message))
        left = f" {tries(verdict.tries_left)}." if verdict.verdict is Verdict.WRONG else ""
        self.timeline.print("person", f"types {code}")
        self.timeline.check(f"{verdict.verdict}: {verdict.reason}{left}", holds=verdict.verdict is expected)

    async def _ended(self, flow: str, expected: Outcome, *, sends: int) -> None:
        result = await self.flows.result(flow)
        holds = (result.outcome, result.sends) == (expected, sends)
        messages = "1 message" if result.sends == 1 else f"{result.sends} messages"
        recovery = ", with a recovery code for Auth0's first phone" if result.recovery_code else ""
        self.timeline.check(f"{result.outcome} after {messages}{recovery}", holds=holds)
        self.timeline.print("ui", f"{self.stack.ui}/namespaces/default/workflows/{flow}")
