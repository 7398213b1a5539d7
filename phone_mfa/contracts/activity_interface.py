"""Interface of the activities, so that workflows need not import the implementation."""

from abc import ABC, abstractmethod

from temporalio import activity

from . import activity_names
from .calls import (
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


class ActivityInterface(ABC):
    """The activities, one per request type."""

    @activity.defn(name=activity_names.ASSOCIATE_PHONE)
    @abstractmethod
    async def associate(self, request: Associate) -> SendAnswer:
        """Send a code to a phone to be enrolled."""

    @activity.defn(name=activity_names.CHALLENGE_PHONE)
    @abstractmethod
    async def challenge(self, request: Challenge) -> SendAnswer:
        """Send a code to an enrolled phone."""

    @activity.defn(name=activity_names.CHECK_BINDING_CODE)
    @abstractmethod
    async def check_binding_code(self, request: CheckCode) -> CheckAnswer:
        """Verify a binding code with Auth0."""

    @activity.defn(name=activity_names.CHECK_RECOVERY_CODE)
    @abstractmethod
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        """Verify a recovery code with Auth0."""

    @activity.defn(name=activity_names.LIST_PHONES)
    @abstractmethod
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        """List the user's phones at Auth0."""

    @activity.defn(name=activity_names.REMOVE_PENDING_PHONE)
    @abstractmethod
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        """Remove the unconfirmed authenticators of a phone number."""
