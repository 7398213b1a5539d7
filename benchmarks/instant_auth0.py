"""An Auth0 that answers at once: what is left of a flow's cost is ours and Temporal's."""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import SecretStr
from temporalio import activity

from phone_mfa.contracts.activity_interface import MfaPort
from phone_mfa.contracts.calls import (
    Associate,
    Challenge,
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    PhonesAnswer,
    RemovalAnswer,
    RemovePending,
    SendAnswer,
)

CODE = "314159"
OOB_CODE = SecretStr("x" * 578)
"""As long as a recorded one of an associated phone."""


class InstantAuth0(MfaPort):
    """Sends nothing, and takes every code for right."""

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[object]]]:
        """The activities, for a worker."""
        return [self.associate, self.challenge, self.check_code, self.check_recovery_code, self.phones]

    @activity.defn(name="associate_phone")
    async def associate(self, request: Associate) -> SendAnswer:
        """Sent."""
        return SendAnswer(oob_code=OOB_CODE)

    @activity.defn(name="challenge_phone")
    async def challenge(self, request: Challenge) -> SendAnswer:
        """Sent."""
        return SendAnswer(oob_code=OOB_CODE)

    @activity.defn(name="check_code")
    async def check_code(self, request: CheckCode) -> CheckAnswer:
        """Right."""
        return CheckAnswer()

    @activity.defn(name="check_recovery_code")
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        """Right."""
        return CheckAnswer()

    @activity.defn(name="list_phones")
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        """None."""
        return PhonesAnswer()

    @activity.defn(name="remove_pending_phone")
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        """None were there."""
        return RemovalAnswer()
