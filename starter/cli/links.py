"""Links for invited users, as an operator issues them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from phone_mfa.client.errors import FinishedFlowError, RefusedMessageError
from phone_mfa.client.flows import Flows, Started
from phone_mfa.invitations import OPERATOR, Invitations, Link
from phone_mfa.login_hint import LONGEST_HINT, is_login_hint
from phone_mfa.settings import InvitationSettings, SealingSettings, SettingsError

from .errors import BadInputError


@dataclass(frozen=True, slots=True)
class Links:
    """Issues links to the gateway at ``PHONE_MFA_GATEWAY_PUBLIC_URL``. ``hint``: the user's name at Auth0."""

    invitations: Invitations
    hint: str | None

    @classmethod
    def read(cls, hint: str | None) -> Self:
        """Read the settings. Raises ``SettingsError``, and ``BadInputError`` for a hint that cannot be one."""
        if hint is not None and not is_login_hint(hint):
            raise BadInputError(
                f"--login-hint: must have 1 to {LONGEST_HINT} bytes in UTF-8, and no control characters."
            )
        settings = InvitationSettings.read()
        if settings.public_url is None:
            raise SettingsError("PHONE_MFA_GATEWAY_PUBLIC_URL is not set: links lead to the gateway.")
        source = SealingSettings.read().source
        return cls(Invitations(source, settings.public_url, timedelta(seconds=settings.invitation_seconds)), hint)

    async def of(self, flows: Flows, started: Started) -> Link:
        """Issue a link. Raises ``RefusedMessageError`` for a user who is not invited."""
        view = await flows.in_run(started.run_id).view(started.flow_id)
        if view.invitation is None:
            raise RefusedMessageError("The user of this flow was not invited: start it with --invite.")
        if view.over:
            raise FinishedFlowError("The flow is over.")
        flow, run, number = started.flow_id, started.run_id, view.invitation
        return self.invitations.issue(flow, run, number, view.flow_expires_at, OPERATOR, hint=self.hint)
