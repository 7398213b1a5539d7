"""Call faults, wrong, late or missing responses to matching calls, and the queue of ordered ones."""

from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import Field, field_validator

from auth0_mfa_emulator.forms import Form

from .call_view import CallView

_UNSETTABLE = {"connection", "content-length", "date", "server", "transfer-encoding", "upgrade"}

HeaderName = Annotated[str, Field(pattern=r"\A[A-Za-z0-9-]+\z")]
HeaderValue = Annotated[str, Field(pattern=r"\A[\x21-\x7e]+( +[\x21-\x7e]+)*\z")]


class Fault(Form, frozen=True):
    """One order. It strikes `times` calls in order of arrival; None means until removed.

    Matching: `path` is exact or a prefix ending in `*`. `match` maps members of the JSON or form body or of the query
    to the text they must equal (a JSON array of one text counts as that text); `match_headers` does so for headers.
    Each matching call is struck with `probability`, drawn from `seed`: the same seed draws the same strikes.

    Kinds: `status` returns the given status, headers and body without processing the call; `reset` resets the
    connection without processing it. All others process the call. `delay` waits `seconds` of real time first;
    `slow_body` sends the head at once and the body in pieces over `seconds`; `garbage_body` sends bytes that are not
    JSON under the real head; `truncated_body` closes the connection halfway through the body; `drop_response` closes
    it without a response.
    """

    method: str
    path: str
    kind: Literal["status", "delay", "slow_body", "garbage_body", "truncated_body", "drop_response", "reset"]
    times: int | None = Field(1, ge=1, le=1_000_000)
    probability: float = Field(1.0, ge=0, le=1)
    seed: int = 0
    match: dict[str, str] = Field(default_factory=dict)
    match_headers: dict[HeaderName, str] = Field(default_factory=dict)
    status: int = Field(503, ge=200, le=599)
    seconds: float = Field(1.0, ge=0, le=600)
    body: object = None
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)

    @field_validator("method")
    @classmethod
    def _upper(cls, method: str) -> str:
        return method.upper()

    @field_validator("path")
    @classmethod
    def _decoded(cls, path: str) -> str:
        return unquote(path)

    @field_validator("headers")
    @classmethod
    def _settable(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if name.lower() in _UNSETTABLE:
                raise ValueError(f"{name} is set by the server and cannot be overridden")
        return headers

    def means(self, call: CallView) -> bool:
        """Whether the fault matches a call; the method `*` matches any."""
        if self.method not in ("*", call.method):
            return False
        if not (call.path.startswith(self.path[:-1]) if self.path.endswith("*") else call.path == self.path):
            return False
        return all(call.headers.get(name) == text for name, text in self.match_headers.items()) and all(
            call.members.get(name) in (text, [text]) for name, text in self.match.items()
        )


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
