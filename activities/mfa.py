"""Implements the activity interface: one activity for each request to Auth0, translating between its types and ours.

Each activity asks Auth0 once. Retries are decided by the flow, or by Temporal for calls that are harmless to repeat.
"""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import SecretStr
from temporalio import activity

from phone_mfa.auth0 import Auth0, Auth0Error, Authenticator, AuthenticatorUnknownError, Tokens
from phone_mfa.contracts import Channel, TokenSet, activity_names, masked, reveal
from phone_mfa.contracts.activity_interface import ActivityInterface
from phone_mfa.contracts.calls import (
    Associate,
    Challenge,
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    Phone,
    PhonesAnswer,
    RemovalAnswer,
    RemovePending,
    SendAnswer,
    TokenUse,
)

from .error_mapping import raise_if_transient, refusal_of
from .token_delivery import answer_to_accepted_code, recipient_of


class MfaActivities(ActivityInterface):
    """Activities of one Auth0 application. Register the bound methods in ``all`` with a worker."""

    def __init__(self, auth0: Auth0) -> None:
        self._auth0 = auth0

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[object]]]:
        """All activities."""
        return [
            self.associate,
            self.challenge,
            self.check_binding_code,
            self.check_recovery_code,
            self.phones,
            self.remove_pending,
        ]

    @activity.defn(name=activity_names.ASSOCIATE_PHONE)
    async def associate(self, request: Associate) -> SendAnswer:
        """Send a code to a phone being enrolled. Only a user's first phone comes with a recovery code."""
        recipient = recipient_of(request.recipient)
        try:
            association = await self._auth0.associate(
                request.token, phone_number=request.phone_number, channel=request.channel
            )
        except Auth0Error as error:
            return SendAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)
        recovery_code = next(iter(association.recovery_codes), None)
        if recipient and recovery_code:
            return SendAnswer(oob_code=association.oob_code, sealed=recipient.seal(recovery_code=recovery_code))
        return SendAnswer(oob_code=association.oob_code, recovery_code=recovery_code)

    @activity.defn(name=activity_names.CHALLENGE_PHONE)
    async def challenge(self, request: Challenge) -> SendAnswer:
        """Send a code to an enrolled phone."""
        try:
            challenge = await self._auth0.challenge(request.mfa_token, request.authenticator_id)
        except Auth0Error as error:
            return SendAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)
        return SendAnswer(oob_code=challenge.oob_code)

    @activity.defn(name=activity_names.CHECK_BINDING_CODE)
    async def check_binding_code(self, request: CheckCode) -> CheckAnswer:
        """Check a binding code with Auth0."""
        recipient = recipient_of(request.recipient)
        try:
            tokens = await self._auth0.exchange_oob(request.token, oob_code=request.oob_code, binding_code=request.code)
        except Auth0Error as error:
            return CheckAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)
        return answer_to_accepted_code(_token_set(tokens), tokens.recovery_code, request.use, recipient)

    @activity.defn(name=activity_names.CHECK_RECOVERY_CODE)
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        """Check a recovery code with Auth0, which replaces it if it is correct."""
        recipient = recipient_of(request.recipient)
        try:
            tokens = await self._auth0.exchange_recovery_code(request.mfa_token, request.recovery_code)
        except Auth0Error as error:
            return CheckAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)
        return answer_to_accepted_code(_token_set(tokens), tokens.recovery_code, TokenUse.KEPT, recipient)

    @activity.defn(name=activity_names.LIST_PHONES)
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        """List the user's phones."""
        try:
            listed = await self._auth0.authenticators(request.token)
        except Auth0Error as error:
            raise_if_transient(error)
            return PhonesAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)
        return PhonesAnswer(phones=tuple(phone for entry in listed if (phone := _phone(entry))))

    @activity.defn(name=activity_names.REMOVE_PENDING_PHONE)
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        """Remove a number's unconfirmed authenticators. One removed by another call meanwhile counts as removed."""
        try:
            return RemovalAnswer(removed=await self._remove_pending(request.token, request.phone_number))
        except Auth0Error as error:
            raise_if_transient(error)
            return RemovalAnswer(refusal=refusal_of(error), retry_after_seconds=error.retry_after_seconds)

    async def _remove_pending(self, token: SecretStr, number: SecretStr) -> int:
        name = masked(reveal(number))
        pending = [
            phone
            for entry in await self._auth0.authenticators(token)
            if (phone := _phone(entry)) and phone.name == name and not phone.active
        ]
        for phone in pending:
            try:
                await self._auth0.delete_authenticator(token, phone.authenticator_id)
            except AuthenticatorUnknownError:
                continue  # removed together with the entry for the other channel
        return len(pending)


def _phone(entry: Authenticator) -> Phone | None:
    """Return the authenticator as a phone; None if it is not one.

    Auth0 masks the name already. Masking it again keeps views free of numbers and other texts if it ever does not.
    """
    if entry.oob_channel not in tuple(Channel):
        return None
    name = masked(entry.name or "")
    return Phone(authenticator_id=entry.id, channel=Channel(entry.oob_channel), name=name, active=entry.active)


def _token_set(tokens: Tokens) -> TokenSet:
    return TokenSet(
        access_token=tokens.access_token,
        token_type=tokens.token_type,
        expires_in=tokens.expires_in,
        scope=tokens.scope,
        id_token=tokens.id_token,
        refresh_token=tokens.refresh_token,
    )
