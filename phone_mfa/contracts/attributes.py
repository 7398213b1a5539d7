"""Search attributes of a flow. Anyone who may list flows can read them, so they hold only enum values and counts."""

from collections.abc import Sequence
from typing import Any, Final, Self

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from .start import StartChallenge, StartEnrollment
from .status import Budget, FlowKind, Outcome, Phase
from .types import Channel, Contract

FLOW: Final = SearchAttributeKey.for_keyword("MfaFlow")
PHASE: Final = SearchAttributeKey.for_keyword("MfaPhase")
CHANNEL: Final = SearchAttributeKey.for_keyword("MfaChannel")
OUTCOME: Final = SearchAttributeKey.for_keyword("MfaOutcome")
BUDGET: Final = SearchAttributeKey.for_keyword("MfaBudget")
SENDS: Final = SearchAttributeKey.for_int("MfaSends")
WRONG_CODES: Final = SearchAttributeKey.for_int("MfaWrongCodes")


class FlowAttributes(Contract):
    """The search attributes of a flow. All writes go through this class.

    ``budget``: the last of our own budgets that kept the flow from sending or checking; it stays when the wait is over.
    """

    flow: FlowKind
    phase: Phase
    channel: Channel | None = None
    outcome: Outcome | None = None
    budget: Budget | None = None
    sends: int = 0
    wrong_codes: int = 0

    @classmethod
    def of_start(cls, request: StartEnrollment | StartChallenge) -> Self:
        """Returns the attributes of a flow that has been started but has not run yet."""
        return cls(
            flow=FlowKind.ENROLLMENT if isinstance(request, StartEnrollment) else FlowKind.CHALLENGE,
            phase=Phase.SENDING_CODE if request.mfa_token else Phase.WAITING_FOR_TOKEN,
            channel=request.channel,
        )

    @property
    def pairs(self) -> TypedSearchAttributes:
        """The attributes to start a flow with; those that are None are not set."""
        return TypedSearchAttributes(
            [
                SearchAttributePair(FLOW, self.flow),
                SearchAttributePair(PHASE, self.phase),
                SearchAttributePair(SENDS, self.sends),
                SearchAttributePair(WRONG_CODES, self.wrong_codes),
                *([SearchAttributePair(CHANNEL, self.channel)] if self.channel else []),
                *([SearchAttributePair(OUTCOME, self.outcome)] if self.outcome else []),
                *([SearchAttributePair(BUDGET, self.budget)] if self.budget else []),
            ]
        )

    def updates_of(self, known: TypedSearchAttributes) -> Sequence[SearchAttributeUpdate[Any]]:
        """Returns updates for the attributes that differ from ``known``, the values Temporal already has."""
        return [pair.key.value_set(pair.value) for pair in self.pairs if known.get(pair.key) != pair.value]
