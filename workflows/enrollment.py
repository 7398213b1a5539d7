"""The enrollment of a phone, as Temporal knows it: its messages by name."""

from typing import cast

from temporalio import workflow

from .driver import Driver
from .messages import FlowMessages, current_request, refuse_without_change

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChangePhoneNumber, EnrollmentResult, SendReceipt, StartEnrollment, names

    from . import machine
    from .machine import State
    from .machine.events import NumberChanged


class EnrollmentRun(StartEnrollment):
    """What a run is started with. ``state``: when it goes on where the run before it ended."""

    state: State | None = None

    @classmethod
    def wire_name(cls) -> str:
        """To callers it is the start of an enrollment."""
        return StartEnrollment.__name__


@workflow.defn(name=names.ENROLLMENT_WORKFLOW)
class EnrollmentWorkflow(FlowMessages):
    """One phone of one user, from the number to the confirmed authenticator."""

    @workflow.init
    def __init__(self, request: EnrollmentRun) -> None:
        info = workflow.info()
        carried = request.state if info.continued_run_id else None
        begun = carried or machine.enrollment(request, info.first_execution_run_id, info.workflow_start_time)
        self.driver = Driver(begun, lambda state: request.model_copy(update={"state": state}))

    @workflow.run
    async def run(self, request: EnrollmentRun) -> EnrollmentResult:
        """Enroll the phone and tell how it ended."""
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
