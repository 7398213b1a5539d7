"""Message faults: failures between the tenant's provider and the phone."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from auth0_mfa_emulator.forms import Form

from .message import Draft, Holder, Medium, recipient

Kind = Literal["drop", "delay", "duplicate", "reorder", "refuse", "fail", "invalid_number", "changed_hands"]

_OF_NUMBERS = ("invalid_number", "changed_hands")
_LONGEST_DELAY_SECONDS = 86_400 * 30


class MessageFault(Form):
    """One order. `to` and `channel` narrow it; it strikes `times` messages, or, if null, all until removed.

    `drop` loses the message silently; `delay` delivers it `seconds` later by the tenant's clock; `duplicate` delivers
    it twice; `reorder` holds it back until the next message to the same recipient has arrived; `refuse` makes the
    provider refuse it; `fail` loses it with the provider's `code`; `invalid_number` rejects the number;
    `changed_hands` gives the number to a stranger from now on.
    """

    kind: Kind
    to: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    channel: Medium | None = None
    times: Annotated[int, Field(ge=1, le=1_000_000)] | None = 1
    seconds: float = Field(30.0, ge=0, le=_LONGEST_DELAY_SECONDS)
    code: str = Field("21211", pattern=r"\A[A-Za-z0-9_.-]{1,40}\z")
    """The provider's code; 21211 is Twilio's "Invalid 'To' Phone Number" (Auth0 community, 117915)."""

    @model_validator(mode="after")
    def _stays_changed(self) -> "MessageFault":
        if self.kind == "changed_hands" and "times" not in self.model_fields_set:
            self.times = None
        return self

    def matches(self, draft: Draft) -> bool:
        """Whether the fault matches a message."""
        if self.kind in _OF_NUMBERS and draft.medium not in ("sms", "voice"):
            return False
        return self.channel in (None, draft.medium) and (not self.to or recipient(self.to) == recipient(draft.to))


@dataclass
class MessageFaults:
    """Open orders, oldest first, as an immutable tuple that is replaced on change."""

    orders: tuple[MessageFault, ...] = ()

    def add(self, fault: MessageFault) -> None:
        """Add an order."""
        self.orders = (*self.orders, fault)

    def clear(self) -> None:
        """Remove all orders."""
        self.orders = ()

    def strike(self, draft: Draft) -> MessageFault | None:
        """Returns the oldest fault that matches the message, and counts the strike."""
        return self._spend(draft, [order for order in self.orders if order.kind != "changed_hands"])

    def refuses(self, draft: Draft) -> bool:
        """Whether the oldest fault that matches the message refuses it; if so, counts the strike."""
        orders = (order for order in self.orders if order.kind != "changed_hands")
        fault = next((order for order in orders if order.matches(draft)), None)
        return fault is not None and fault.kind == "refuse" and self._spend(draft, [fault]) is not None

    def holder(self, draft: Draft) -> Holder:
        """Returns who holds the phone that receives the message."""
        changed = self._spend(draft, [order for order in self.orders if order.kind == "changed_hands"])
        return "stranger" if changed else "owner"

    def _spend(self, draft: Draft, orders: list[MessageFault]) -> MessageFault | None:
        fault = next((order for order in orders if order.matches(draft)), None)
        if fault and fault.times is not None:
            left = fault.model_copy(update={"times": fault.times - 1})
            kept = (left if order is fault else order for order in self.orders)
            self.orders = tuple(order for order in kept if order.times != 0)
        return fault
