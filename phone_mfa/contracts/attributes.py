"""What lists show of a flow. Open to everyone who may list flows, so it has room for words of ours and counts only."""

from collections.abc import Sequence
from typing import Any, Final, Self

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from .challenge import StartChallenge
from .enrollment import StartEnrollment
from .status import FlowKind, Outcome, Phase
from .types import Channel, Contract

FLOW: Final = SearchAttributeKey.for_keyword("MfaFlow")
PHASE: Final = SearchAttributeKey.for_keyword("MfaPhase")
CHANNEL: Final = SearchAttributeKey.for_keyword("MfaChannel")
OUTCOME: Final = SearchAttributeKey.for_keyword("MfaOutcome")
SENDS: Final = SearchAttributeKey.for_int("MfaSends")
WRONG_CODES: Final = SearchAttributeKey.for_int("MfaWrongCodes")


class FlowAttributes(Contract):
    """The search attributes of a flow: the one way to write them."""

    flow: FlowKind
    phase: Phase
    channel: Channel | None = None
    outcome: Outcome | None = None
    sends: int = 0
    wrong_codes: int = 0

    @classmethod
    def of_start(cls, request: StartEnrollment | StartChallenge) -> Self:
        """Those of a flow that was started and not begun."""
        return cls(
            flow=FlowKind.ENROLLMENT if isinstance(request, StartEnrollment) else FlowKind.CHALLENGE,
            phase=Phase.SENDING_CODE if request.mfa_token else Phase.WAITING_FOR_TOKEN,
            channel=request.channel,
        )

    @property
    def pairs(self) -> TypedSearchAttributes:
        """To start a flow with; what is None is not set."""
        return TypedSearchAttributes(
            [
                SearchAttributePair(FLOW, self.flow),
                SearchAttributePair(PHASE, self.phase),
                SearchAttributePair(SENDS, self.sends),
                SearchAttributePair(WRONG_CODES, self.wrong_codes),
                *([SearchAttributePair(CHANNEL, self.channel)] if self.channel else []),
                *([SearchAttributePair(OUTCOME, self.outcome)] if self.outcome else []),
            ]
        )

    def updates_of(self, known: TypedSearchAttributes) -> Sequence[SearchAttributeUpdate[Any]]:
        """What of these is not ``known`` to the engine yet."""
        return [pair.key.value_set(pair.value) for pair in self.pairs if known.get(pair.key) != pair.value]
