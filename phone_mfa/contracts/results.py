"""Results of flows."""

from .status import Outcome
from .types import Channel, OfRun, Secret, TokenSet


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


class EnrollmentResult(FlowResult):
    """Result of an enrollment.

    ``recovery_code``: returned only for the first phone a user ever associates. Show it once and do not store it.
    If the request named a recipient, it is in ``sealed`` instead, together with the tokens of the login. Without a
    recipient the tokens are dropped on arrival. ``phone_number`` is masked. ``enrolled_phone``: with the outcome
    ``already_enrolled``, the phone that the user has, masked as Auth0 lists it; empty if it is not known.
    """

    enrolled_phone: str = ""


class ChallengeResult(FlowResult):
    """Result of a challenge.

    ``recovery_code``: the new one, if the challenge was completed with a recovery code (each use replaces it).
    ``tokens``: the tokens of the login. Both are in ``sealed`` instead if the request named a recipient.
    ``phone_number``: masked, as listed by Auth0.
    """

    tokens: TokenSet | None = None
