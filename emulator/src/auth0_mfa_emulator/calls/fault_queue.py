"""The faults on order, and how far each order is carried out."""

from dataclasses import dataclass, field
from random import Random

from .call_view import CallView
from .faults import Fault


@dataclass
class Order:
    """A fault that was ordered, and how far it is carried out."""

    fault: Fault
    struck: int = 0
    _draws: Random = field(init=False)

    def __post_init__(self) -> None:
        self._draws = Random(self.fault.seed)  # noqa: S311  # to be repeated, not to be unguessable

    @property
    def left(self) -> int | None:
        """How many strikes are left; None when only taking it back ends it."""
        return None if self.fault.times is None else self.fault.times - self.struck

    def strikes(self, call: CallView) -> bool:
        """Whether the call is struck; one that is meant and spared costs a draw and no strike."""
        if not self.fault.means(call) or self._draws.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True

    def shown(self) -> dict[str, object]:
        """The order as it was given, with `struck` and `left`."""
        return self.fault.model_dump() | {"struck": self.struck, "left": self.left}


@dataclass
class Faults:
    """The orders not yet used up, oldest first."""

    open: list[Order] = field(default_factory=list)

    def add(self, fault: Fault) -> Order:
        """Take an order."""
        order = Order(fault)
        self.open.append(order)
        return order

    def clear(self) -> None:
        """Forget every order."""
        self.open.clear()

    def strike(self, call: CallView) -> Fault | None:
        """The oldest order that strikes this call, spent by one."""
        order = next((order for order in self.open if order.strikes(call)), None)
        if not order:
            return None
        if order.left == 0:
            self.open.remove(order)
        return order.fault
