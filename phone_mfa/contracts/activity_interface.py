"""The activities by name and type, so that workflows need not import them. The activities implement it."""

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


class MfaPort(ABC):
    """One activity for each request."""

    @activity.defn(name=activity_names.ASSOCIATE_PHONE)
    @abstractmethod
    async def associate(self, request: Associate) -> SendAnswer:
        """Send a code to a phone that is to be enrolled."""

    @activity.defn(name=activity_names.CHALLENGE_PHONE)
    @abstractmethod
    async def challenge(self, request: Challenge) -> SendAnswer:
        """Send a code to a phone that is enrolled."""

    @activity.defn(name=activity_names.CHECK_CODE)
    @abstractmethod
    async def check_code(self, request: CheckCode) -> CheckAnswer:
        """Ask Auth0 whether the code is right."""

    @activity.defn(name=activity_names.CHECK_RECOVERY_CODE)
    @abstractmethod
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        """Ask Auth0 whether the recovery code is right."""

    @activity.defn(name=activity_names.LIST_PHONES)
    @abstractmethod
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        """Ask Auth0 which phones the user has."""

    @activity.defn(name=activity_names.REMOVE_PENDING_PHONE)
    @abstractmethod
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        """Remove unconfirmed authenticators of a number."""
