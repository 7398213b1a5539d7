"""What a flow ends with, whatever it was for."""

from .status import Outcome
from .types import Channel, OfRun, Secret


class FlowResult(OfRun):
    """How a flow ended. ``phone_number`` is masked; ``note`` says what a person may wonder about.

    ``cleanup``: what could not be removed at Auth0; empty when nothing is left there.

    ``sealed``: compact JWEs that only the recipient of the request opens, each of a JSON object with ``recovery_code``
    or ``tokens`` or both.
    """

    outcome: Outcome
    channel: Channel | None = None
    phone_number: str = ""
    sends: int = 0
    wrong_codes: int = 0
    recovery_code: Secret | None = None
    sealed: tuple[str, ...] = ()
    note: str = ""
    cleanup: str = ""
