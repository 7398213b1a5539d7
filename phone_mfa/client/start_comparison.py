"""What a start does when it meets a running flow of the same user: attach to it, replace it, or be refused.

Pure: compares two requests. Whoever started the running flow may be a stranger, so a start never hands its login over
(docs/threat-model.md, "Starts that meet").
"""

import hmac
from enum import StrEnum
from typing import Final

from phone_mfa.contracts import StartChallenge, StartEnrollment, reveal
from phone_mfa.contracts.first_view import is_invited

from .errors import ConflictingStartError

COMPARED: Final = (
    "phone_number",
    "channel",
    "when_enrolled",
    "invited",
    "authenticator_id",
    "recipient",
    "policy",
    "flow_seconds",
)
"""All that the caller decides about the flow: attaching to one that differs would drop the wish without a word."""

NOT_COMPARED: Final = frozenset({"mfa_token", "mfa_token_issued_at", "origin", "requested_at"})
"""What may differ from one start to the next. Logins are compared apart; budgets stay those of the first start."""

Request = StartEnrollment | StartChallenge


class OnConflict(StrEnum):
    """What a start does if the user's running flow was started differently."""

    REFUSE = "refuse"
    REPLACE = "replace"


def differing(running: Request, asked: Request) -> tuple[str, ...]:
    """Returns the names of the compared fields that differ."""
    nothing = object()
    return tuple(name for name in COMPARED if getattr(running, name, nothing) != getattr(asked, name, nothing))


def attaches(running: Request | None, has_login: bool, asked: Request, on_conflict: OnConflict) -> bool:
    """Whether a start attaches to a running flow. If not, it replaces it. Raises ``ConflictingStartError``.

    ``running``: what a real start has asked for; None if that is unknown. ``has_login``: whether the flow has one now,
    whoever gave it, that Auth0 has not refused. A start attaches to what it would have started itself, with the same
    login. Without a login it never meets one: whoever attaches gets a flow token, which can change the number. Starts
    of an invited user get no flow token, so they attach whether or not the user has signed in.
    """
    if running is None:
        return False
    same = _is_same_login(running, asked)
    if asked.mfa_token and not same and not (running.mfa_token and has_login):
        return False
    without = (
        ("mfa_token",)
        if asked.mfa_token is None and (running.mfa_token or _has_foreign_login(running, has_login))
        else ()
    )
    fields = (*differing(running, asked), *without)
    if fields and on_conflict is OnConflict.REFUSE:
        raise ConflictingStartError(fields)
    return not fields and same


def _has_foreign_login(running: Request, has_login: bool) -> bool:
    """Whether a flow got a login that is no sign-in of the invited user."""
    return has_login and not is_invited(running)


def _is_same_login(running: Request, asked: Request) -> bool:
    """Whether both have the same ``mfa_token``. Nothing else shows that two logins are of the same user."""
    if running.mfa_token is None or asked.mfa_token is None:
        return running.mfa_token is asked.mfa_token
    return hmac.compare_digest(reveal(running.mfa_token).encode(), reveal(asked.mfa_token).encode())
