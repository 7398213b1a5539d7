"""What a flow ends with, whatever it was for."""

from .outcomes import Outcome
from .values import Channel, Contract, Secret, TokenSet


class FlowResult(Contract):
    """How a flow ended. ``phone_number`` is masked; ``note`` says what a person may wonder about."""

    outcome: Outcome
    channel: Channel | None = None
    phone_number: str = ""
    sends: int = 0
    wrong_codes: int = 0
    recovery_code: Secret | None = None
    tokens: TokenSet | None = None
    note: str = ""
