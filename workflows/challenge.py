"""Challenges an enrolled phone. Knows what a right code means for a challenge, and the recovery code as another way."""

from datetime import timedelta

from temporalio import workflow

from . import checking
from .code_exchange import CodeExchange
from .flow import Flow
from .handlers import refuse
from .inbox import Submission
from .message import Credential
from .targets import EnrolledPhone

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import (
        ChallengeResult,
        CodeVerdict,
        FlowKind,
        Outcome,
        RecoveryCode,
        StartChallenge,
        TokenSet,
        names,
    )
    from phone_mfa.contracts.port import CheckAnswer, Refusal


@workflow.defn(name=names.CHALLENGE_WORKFLOW)
class ChallengeWorkflow(CodeExchange):
    """One proof that a user holds the phone enrolled before."""

    @workflow.init
    def __init__(self, request: StartChallenge) -> None:
        started_at, token = workflow.info().start_time, request.mfa_token
        self.target = EnrolledPhone(request.authenticator_id)
        self.tokens: TokenSet | None = None
        self.flow = Flow(
            kind=FlowKind.CHALLENGE,
            policy=request.policy,
            deadline=started_at + timedelta(seconds=request.flow_seconds),
            channel=request.channel,
            credential=Credential.from_login(token, request.mfa_token_issued_at, started_at) if token else None,
            recipient=request.recipient,
        )

    @workflow.run
    async def run(self, request: StartChallenge) -> ChallengeResult:
        """Challenge the phone and tell how it ended."""
        await self.exchange()
        return self.flow.result(ChallengeResult, tokens=self.tokens)

    @workflow.update(
        name=names.CHECK_RECOVERY_CODE,
        description="A recovery code in place of the phone; answers with a verdict. Each use replaces it.",
    )
    async def check_recovery_code(self, code: RecoveryCode) -> CodeVerdict:
        """Take a recovery code in and wait for its verdict."""
        return await self.verdict_on(self.receive(code.text, None, code.submission_id), code.submission_id)

    @check_recovery_code.validator
    def _refuse_malformed_recovery_code(self, code: RecoveryCode) -> None:
        refuse(code.problem)

    def accepted(self, answer: CheckAnswer) -> None:
        """The user is verified."""
        self.tokens, self.flow.recovery_code = answer.tokens, answer.recovery_code
        self.flow.keep(answer.sealed, too_long=answer.too_long)
        self.flow.finish(Outcome.VERIFIED)

    async def answer_lost(self, submission: Submission) -> None:
        """No list tells whether a challenge was passed."""
        checking.ask_again(self.flow, submission)

    async def send_refused(self, refusal: Refusal, credential: Credential) -> None:
        """There is no phone to challenge."""
        self.flow.finish(Outcome.NOT_ENROLLED, "The user has no active phone like the one asked for.")
