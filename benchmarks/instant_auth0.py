"""A fake Auth0 that responds instantly, so that the measured cost is ours and Temporal's."""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import SecretStr
from temporalio import activity

from phone_mfa.contracts.activity_interface import ActivityInterface
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


class InstantAuth0(ActivityInterface):
    """Sends nothing and accepts every code."""

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[object]]]:
        """Return the activities for a worker."""
        return [self.associate, self.challenge, self.check_binding_code, self.check_recovery_code, self.phones]

    @activity.defn(name="associate_phone")
    async def associate(self, request: Associate) -> SendAnswer:
        """Return a successful send."""
        return SendAnswer(oob_code=OOB_CODE)

    @activity.defn(name="challenge_phone")
    async def challenge(self, request: Challenge) -> SendAnswer:
        """Return a successful send."""
        return SendAnswer(oob_code=OOB_CODE)

    @activity.defn(name="check_code")
    async def check_binding_code(self, request: CheckCode) -> CheckAnswer:
        """Accept the code."""
        return CheckAnswer()

    @activity.defn(name="check_recovery_code")
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        """Accept the code."""
        return CheckAnswer()

    @activity.defn(name="list_phones")
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        """Return no authenticators."""
        return PhonesAnswer()

    @activity.defn(name="remove_pending_phone")
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        """Report that there was nothing to remove."""
        return RemovalAnswer()
