"""Budgets and schedule of a flow. Part of every start request, so a running flow keeps the values it started with."""

from typing import Annotated

from pydantic import Field

from .types import NO_GUESSES, Contract, Number

AUTH0_BURST = 10
"""Messages per user, and wrong codes per user, before Auth0 refuses (Auth0 docs, "Rate Limit Configurations", MFA
rows). After that, Auth0 allows one message per hour and one try per six minutes."""

Seconds = Annotated[int, Field(ge=0, le=3600), NO_GUESSES]


class FlowPolicy(Contract):
    """Budgets and schedule of one flow.

    ``sends``: messages, including resends. Half of Auth0's burst of 10, so the user can run a second flow the same day.
    ``wrong_codes``: wrong codes before the flow locks. Half of Auth0's burst of 10, for the same reason.
    ``resend_after_seconds``: wait before message 2, 3, 4 ...; the last value repeats. Most SMS arrive within 30
    seconds; each wait is longer than the one before because a resend is less likely to help.
    ``voice_after_seconds``: call the phone if no code was entered this many seconds after an SMS; ``None``: never.
    """

    sends: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    wrong_codes: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    resend_after_seconds: tuple[Seconds, ...] = Field(default=(30, 40, 60, 90), min_length=1, max_length=AUTH0_BURST)
    voice_after_seconds: Annotated[int, Field(ge=15, le=300), NO_GUESSES] | None = None
