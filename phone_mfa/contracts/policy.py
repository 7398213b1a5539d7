"""How patient a flow is. Part of every request, so a running flow keeps the numbers it started with."""

from typing import Annotated

from pydantic import Field

from .types import NO_GUESSES, Contract, Number

AUTH0_BURST = 10
"""Messages a user may be sent, and wrong codes a user may type, before Auth0 refuses (Auth0 docs, "Rate Limit
Configurations", MFA rows). Auth0 then allows one message an hour, and one try in six minutes."""

Seconds = Annotated[int, Field(ge=0, le=3600), NO_GUESSES]


class FlowPolicy(Contract):
    """Budgets and schedule of one flow.

    ``sends``: messages, resends included. Half of Auth0's burst of 10: the user can run a second flow the same day.
    ``wrong_codes``: wrong codes before the flow locks. Half of Auth0's burst of 10, for the same reason.
    ``resend_after_seconds``: wait before message 2, 3, 4 ...; the last one repeats. Most SMS arrive within 30
    seconds; each further wait is longer because the chance that a resend helps is smaller.
    ``voice_after_seconds``: call the phone when an SMS brought no code for this long; ``None`` never does.
    """

    sends: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    wrong_codes: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    resend_after_seconds: tuple[Seconds, ...] = Field(default=(30, 40, 60, 90), min_length=1, max_length=AUTH0_BURST)
    voice_after_seconds: Annotated[int, Field(ge=15, le=300), NO_GUESSES] | None = None
