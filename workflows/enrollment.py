"""Workflow that enrolls a phone, with its message handlers."""

from typing import cast

from temporalio import workflow

from .driver import Driver, refuse_state_of_another
from .messages import FlowMessages, current_request, refuse, refuse_without_change

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import (
        ChangePhoneNumber,
        EnrollmentResult,
        Phase,
        RevokeInvitation,
        SendReceipt,
        StartEnrollment,
        names,
    )

    from . import machine
    from .machine import State
    from .machine.events import InvitationRevoked, NumberChanged


class EnrollmentRun(StartEnrollment):
    """Input of a run. ``state``: set when the run continues a previous one."""

    state: State | None = None

    @classmethod
    def wire_name(cls) -> str:
        """Return the contract's name: to callers, this is ``StartEnrollment``."""
        return StartEnrollment.__name__


@workflow.defn(name=names.ENROLLMENT_WORKFLOW)
class EnrollmentWorkflow(FlowMessages):
    """Enrolls one phone of one user, from the number to the confirmed authenticator."""

    @workflow.init
    def __init__(self, request: EnrollmentRun) -> None:
        info = workflow.info()
        carried = request.state if info.continued_run_id else None
        begun = carried or machine.enrollment(request, info.first_execution_run_id, info.workflow_start_time)
        self.driver = Driver(begun, lambda state: request.model_copy(update={"state": state}))

    @workflow.run
    async def run(self, request: EnrollmentRun) -> EnrollmentResult:
        """Enroll the phone and return the result."""
        refuse_state_of_another(request.state)
        return cast(EnrollmentResult, await self.driver.run())

    @workflow.update(
        name=names.CHANGE_PHONE_NUMBER,
        description="Enroll another number instead; allowed until a number is confirmed.",
    )
    async def change_phone_number(self, change: ChangePhoneNumber) -> SendReceipt:
        """Send the next code to another number."""
        return cast(SendReceipt, await self.driver.ask(self._change(change)))

    @change_phone_number.validator
    def _refuse_useless_change(self, change: ChangePhoneNumber) -> None:
        refuse_without_change(self.driver, self._change(change))

    def _change(self, change: ChangePhoneNumber) -> NumberChanged:
        at = self.driver.time_of(change.sent_at)
        return NumberChanged(at=at, request=current_request(), phone_number=change.phone_number)

    @workflow.update(
        name=names.REVOKE_INVITATION,
        description="Make the links unusable that an invited user got so far; returns the phase.",
    )
    async def revoke_invitation(self, revoke: RevokeInvitation) -> Phase:
        """Revoke the invited user's links."""
        asked = InvitationRevoked(at=self.driver.time_of(revoke.sent_at), request=current_request())
        return cast(Phase, await self.driver.ask(asked))

    @revoke_invitation.validator
    def _refuse_without_invitation(self, revoke: RevokeInvitation) -> None:
        refuse(None if self.driver.state.invitation else "The user of this flow was not invited: there is no link.")
