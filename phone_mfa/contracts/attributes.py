"""What lists show of a flow. Open to everyone who may list flows, so it has room for words of ours and counts only."""

from collections.abc import Sequence
from typing import Any, Final

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from .outcomes import FlowKind, Outcome, Phase
from .values import Channel, Contract

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

    @property
    def updates(self) -> Sequence[SearchAttributeUpdate[Any]]:
        """For the engine; what is None was never set, and stays so."""
        return [
            FLOW.value_set(self.flow),
            PHASE.value_set(self.phase),
            SENDS.value_set(self.sends),
            WRONG_CODES.value_set(self.wrong_codes),
            *([CHANNEL.value_set(self.channel)] if self.channel else []),
            *([OUTCOME.value_set(self.outcome)] if self.outcome else []),
        ]
