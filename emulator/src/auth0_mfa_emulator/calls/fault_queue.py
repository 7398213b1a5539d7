"""Queue of ordered faults and their progress."""

from dataclasses import dataclass, field
from random import Random

from .call_view import CallView
from .faults import Fault


@dataclass
class Order:
    """An ordered fault and its progress."""

    fault: Fault
    struck: int = 0
    _draws: Random = field(init=False)

    def __post_init__(self) -> None:
        self._draws = Random(self.fault.seed)  # noqa: S311  # must be repeatable, not unguessable

    @property
    def left(self) -> int | None:
        """How many strikes are left; None if only removal ends it."""
        return None if self.fault.times is None else self.fault.times - self.struck

    def strikes(self, call: CallView) -> bool:
        """Whether the fault strikes the call; a matching call that is spared uses a draw but no strike."""
        if not self.fault.means(call) or self._draws.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True

    def shown(self) -> dict[str, object]:
        """Returns the order as given, with `struck` and `left`."""
        return self.fault.model_dump() | {"struck": self.struck, "left": self.left}


@dataclass
class Faults:
    """Open orders, oldest first."""

    open: list[Order] = field(default_factory=list)

    def add(self, fault: Fault) -> Order:
        """Add an order."""
        order = Order(fault)
        self.open.append(order)
        return order

    def clear(self) -> None:
        """Remove all orders."""
        self.open.clear()

    def strike(self, call: CallView) -> Fault | None:
        """Returns the oldest fault that strikes this call, and counts the strike."""
        order = next((order for order in self.open if order.strikes(call)), None)
        if not order:
            return None
        if order.left == 0:
            self.open.remove(order)
        return order.fault
