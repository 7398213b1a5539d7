"""Workflow that challenges an enrolled phone, with its message handlers."""

from typing import cast

from pydantic import SecretStr
from temporalio import workflow

from .driver import Driver, refuse_state_of_another
from .messages import FlowMessages, current_request, refuse

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, CodeVerdict, RecoveryCode, StartChallenge, names

    from . import machine
    from .machine import State
    from .machine.events import CodeGiven


class ChallengeRun(StartChallenge):
    """Input of a run. ``state``: set when the run continues a previous one."""

    state: State | None = None

    @classmethod
    def wire_name(cls) -> str:
        """Return the contract's name: to callers, this is ``StartChallenge``."""
        return StartChallenge.__name__


@workflow.defn(name=names.CHALLENGE_WORKFLOW)
class ChallengeWorkflow(FlowMessages):
    """Verifies that a user holds the phone they enrolled."""

    @workflow.init
    def __init__(self, request: ChallengeRun) -> None:
        info = workflow.info()
        carried = request.state if info.continued_run_id else None
        begun = carried or machine.challenge(request, info.first_execution_run_id, info.workflow_start_time)
        self.driver = Driver(begun, lambda state: request.model_copy(update={"state": state}))

    @workflow.run
    async def run(self, request: ChallengeRun) -> ChallengeResult:
        """Challenge the phone and return the result."""
        refuse_state_of_another(request.state)
        return cast(ChallengeResult, await self.driver.run())

    @workflow.update(
        name=names.CHECK_RECOVERY_CODE,
        description="A recovery code instead of the phone; returns the verdict. Each use replaces the code.",
    )
    async def check_recovery_code(self, code: RecoveryCode) -> CodeVerdict:
        """Submit a recovery code and wait for its verdict."""
        event = CodeGiven(
            at=self.driver.time_of(code.sent_at),
            request=current_request(),
            code=SecretStr(code.normalized),
            recovery=True,
            submission_id=code.submission_id,
        )
        return cast(CodeVerdict, await self.driver.ask(event))

    @check_recovery_code.validator
    def _refuse_malformed_recovery_code(self, code: RecoveryCode) -> None:
        refuse(code.problem)
