"""Result fields common to all flows."""

from .status import Outcome
from .types import Channel, OfRun, Secret


class FlowResult(OfRun):
    """Result of a flow. ``phone_number`` is masked; ``note`` explains anything unexpected in one sentence.

    ``sends``, ``wrong_codes``: counts. ``cleanup``: what could not be removed at Auth0; empty if nothing is left there.

    ``sealed``: compact JWEs that only the recipient named in the request can open. Each holds a JSON object with
    ``recovery_code``, ``tokens`` or both.
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
