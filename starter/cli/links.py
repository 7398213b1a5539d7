"""Links for invited users, as an operator issues them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from pydantic import ValidationError

from phone_mfa.client.errors import FinishedFlowError, RefusedMessageError
from phone_mfa.client.flows import Flows, Started
from phone_mfa.invitations import OPERATOR, Invitations, Link
from phone_mfa.login_hint import LONGEST_HINT, is_login_hint
from phone_mfa.return_address import LONGEST_ADDRESS, LONGEST_STATE, ReturnAddress, is_allowed
from phone_mfa.settings import InvitationSettings, SealingSettings, SettingsError

from .errors import BadInputError

TOO_LONG: Final = (
    f"--return-to must have at most {LONGEST_ADDRESS} characters, and --return-state at most {LONGEST_STATE}, all "
    "of them printable ASCII."
)


@dataclass(frozen=True, slots=True)
class Links:
    """Issues links to the gateway at ``PHONE_MFA_GATEWAY_PUBLIC_URL``.

    ``hint``: the user's name at Auth0. ``back``: where the user goes at the end.
    """

    invitations: Invitations
    hint: str | None
    back: ReturnAddress | None

    @classmethod
    def read(cls, hint: str | None, return_to: str | None, return_state: str | None) -> Self:
        """Read the settings. Raises ``SettingsError``, and ``BadInputError`` for what links cannot hold."""
        if hint is not None and not is_login_hint(hint):
            raise BadInputError(
                f"--login-hint: must have 1 to {LONGEST_HINT} bytes in UTF-8, and no control characters."
            )
        settings = InvitationSettings.read()
        if settings.public_url is None:
            raise SettingsError("PHONE_MFA_GATEWAY_PUBLIC_URL is not set: links lead to the gateway.")
        back = _back(return_to, return_state, settings.allowed_return_origins)
        source = SealingSettings.read().source
        lifetime = timedelta(seconds=settings.invitation_seconds)
        return cls(Invitations(source, settings.public_url, lifetime), hint, back)

    async def of(self, flows: Flows, started: Started) -> Link:
        """Issue a link. Raises ``RefusedMessageError`` for a user who is not invited."""
        view = await flows.in_run(started.run_id).view(started.flow_id)
        if view.invitation is None:
            raise RefusedMessageError("The user of this flow was not invited: start it with --invite.")
        if view.over:
            raise FinishedFlowError("The flow is over.")
        flow, run, number = started.flow_id, started.run_id, view.invitation
        return self.invitations.issue(flow, run, number, view.flow_expires_at, OPERATOR, self.back, self.hint)


def _back(address: str | None, state: str | None, origins: Collection[str]) -> ReturnAddress | None:
    if address is None:
        if state is not None:
            raise BadInputError("--return-state needs --return-to.")
        return None
    if not is_allowed(address, origins):
        raise BadInputError("--return-to: its origin is not one of PHONE_MFA_GATEWAY_RETURN_ORIGINS.")
    try:
        return ReturnAddress(to=address, state=state)
    except ValidationError:
        raise BadInputError(TOO_LONG) from None
