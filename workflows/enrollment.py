"""Enrolls a phone. Knows what a right code means for an enrollment, and what to do about a user who has a phone."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from . import checking
from .code_exchange import CodeExchange
from .flow import Flow
from .inbox import Submission
from .message import Credential
from .policies import backoff
from .targets import EnrolledPhone, NewPhone

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import (
        ChangePhoneNumber,
        EnrollmentResult,
        FlowKind,
        Outcome,
        SendReceipt,
        StartEnrollment,
        Verdict,
        WhenEnrolled,
        Withheld,
        masked,
        names,
        reveal,
    )
    from phone_mfa.contracts.port import CheckAnswer, Refusal


@workflow.defn(name=names.ENROLLMENT_WORKFLOW)
class EnrollmentWorkflow(CodeExchange):
    """One phone of one user, from the number to the confirmed authenticator."""

    @workflow.init
    def __init__(self, request: StartEnrollment) -> None:
        started_at, token = workflow.info().start_time, request.mfa_token
        self.request = request
        self.new_phone = NewPhone(request.phone_number)
        self.left_behind: list[NewPhone] = []
        self.in_doubt = False  # a code may have been accepted unseen
        self.target = self.new_phone
        self.flow = Flow(
            kind=FlowKind.ENROLLMENT,
            policy=request.policy,
            deadline=started_at + timedelta(seconds=request.flow_seconds),
            channel=request.channel,
            phone_number=masked(reveal(request.phone_number)),
            credential=Credential.from_login(token, request.mfa_token_issued_at, started_at) if token else None,
            recipient=request.recipient,
        )

    @workflow.run
    async def run(self, request: StartEnrollment) -> EnrollmentResult:
        """Enroll the phone and tell how it ended."""
        await self.exchange()
        return self.flow.result(EnrollmentResult)

    @workflow.update(
        name=names.CHANGE_PHONE_NUMBER,
        description="Enroll another number instead; allowed until a number is confirmed.",
    )
    async def change_phone_number(self, change: ChangePhoneNumber) -> SendReceipt:
        """Send the next code to another number. No waiting time: the one before went to the wrong phone."""
        flow = self.flow
        while flow.busy:
            await workflow.wait_condition(lambda: flow.busy is None)
        if flow.over or not flow.sends_left:
            withheld = Withheld.OVER if flow.over else Withheld.NONE_LEFT
            return flow.receipt(workflow.now(), withheld, "The number cannot be changed any more.")
        if reveal(change.phone_number) == reveal(self.new_phone.phone_number):
            return await self.send_on_schedule(None)
        self.left_behind.append(self.new_phone)
        self.new_phone = NewPhone(change.phone_number)
        if flow.proving_current_phone:
            return flow.receipt(workflow.now(), Withheld.LATER, "The code follows once the current phone is proved.")
        flow.close_message(Verdict.SUPERSEDED, "The number was changed.")
        self._turn_to_new_phone()
        return await self.send(None)

    def _turn_to_new_phone(self) -> None:
        self.target = self.new_phone
        self.flow.phone_number = masked(reveal(self.new_phone.phone_number))
        self.flow.called_by_itself = False

    def accepted(self, answer: CheckAnswer) -> None:
        """The new phone is enrolled; or the current one is proved, and the token that gave may enroll the new one."""
        flow, enrolls = self.flow, answer.enrolls
        if enrolls is None:
            flow.keep(answer.sealed, too_long=answer.too_long)
        if not flow.proving_current_phone:
            flow.finish(Outcome.ENROLLED)
        elif enrolls:
            lifetime = timedelta(seconds=enrolls.expires_in)
            flow.credential = Credential(enrolls.token, workflow.now() + lifetime, proved=True)
            flow.proving_current_phone = False
            flow.channel = self.request.channel
            self._turn_to_new_phone()
            flow.want_message()
        else:
            flow.finish(
                Outcome.ALREADY_ENROLLED,
                "The current phone was proved, but the login did not ask for the /mfa/ audience with scope enroll.",
            )

    async def answer_lost(self, submission: Submission) -> None:
        """Only the list tells: a phone that turned active is enrolled, though the tokens are lost."""
        flow = self.flow
        if not flow.enrolling or flow.message is None:
            return checking.ask_again(flow, submission)
        self.in_doubt, submission.unsettled = True, False
        credential = flow.message.credential
        found = await self.new_phone.find(flow, credential.token)
        if found is Refusal.TOKEN_REFUSED:
            flow.drop_credential(credential)
            checking.send_anew(flow, submission)
        elif isinstance(found, Refusal):
            submission.unsettled = True
            flow.refusals += 1
            flow.check_after = workflow.now() + backoff(flow.refusals, None)
        elif any(phone.active for phone in found):
            checking.accept(flow, submission)
            self._enrolled_unseen()
        else:
            checking.ask_again(flow, submission)
        return None

    def _enrolled_unseen(self) -> None:
        lost = "answer was lost, and the tokens with it" if self.request.recipient else "answer was lost"
        self.flow.finish(Outcome.ENROLLED, f"Auth0's {lost}; its list shows the phone.")

    async def send_refused(self, refusal: Refusal, credential: Credential) -> None:
        """The user has a phone: perhaps this one, confirmed unseen; else stop or prove it, as the caller chose."""
        flow = self.flow
        if refusal is Refusal.ALREADY_ENROLLED and not flow.proving_current_phone:
            if self.in_doubt:
                await self._settle_doubt(credential)
            elif self.request.when_enrolled is WhenEnrolled.CHALLENGE_FIRST:
                flow.proving_current_phone, flow.channel = True, None
                self.target = EnrolledPhone()
            else:
                flow.finish(Outcome.ALREADY_ENROLLED)
            return
        flow.finish(Outcome.ALREADY_ENROLLED, "The user has a factor, but no phone to prove it with.")

    async def _settle_doubt(self, credential: Credential) -> None:
        found = await self.new_phone.find(self.flow, credential.token)
        if isinstance(found, Refusal):
            self.flow.refusals += 1
            self.flow.send_after = workflow.now() + backoff(self.flow.refusals, None)
        elif any(phone.active for phone in found):
            self._enrolled_unseen()
        else:  # the user had another factor all along
            self.in_doubt = False

    async def clean_up(self) -> None:
        """Remove authenticators nobody will confirm, where the token allows it."""
        flow, credential = self.flow, self.flow.usable_credential(workflow.now())
        reached = flow.outcome is Outcome.ENROLLED
        unconfirmed = self.left_behind if reached else [*self.left_behind, self.new_phone]
        if credential is None or not flow.sends:
            return
        for phone in unconfirmed:
            try:
                await phone.remove(flow, credential.token)
            except ActivityError:  # the outcome stands; a pending authenticator harms nobody
                workflow.logger.warning("authenticator.left_behind")
