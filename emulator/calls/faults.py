"""Faults to order: the next calls that match are answered wrongly, late, or not at all."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, field_validator

_UNSETTABLE = {"connection", "content-length", "date", "server", "transfer-encoding", "upgrade"}

HeaderName = Annotated[str, Field(pattern=r"\A[A-Za-z0-9-]+\z")]
HeaderValue = Annotated[str, Field(pattern=r"\A[\x21-\x7e]+( +[\x21-\x7e]+)*\z")]


class Fault(BaseModel):
    """One order. `path` is exact or a prefix ending in `*`; it strikes `times` matching calls, in order of arrival.

    `status` answers with the given status, headers and body and does no work; `delay` waits `seconds` of real time
    and then does the work; `drop_response` does the work and closes the connection unanswered; `reset` does no work
    and resets the connection.
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    method: str
    path: str
    kind: Literal["status", "delay", "drop_response", "reset"]
    times: int = Field(1, ge=1, le=1_000_000)
    status: int = Field(503, ge=200, le=599)
    seconds: float = Field(1.0, ge=0, le=600)
    body: object = None
    headers: dict[HeaderName, HeaderValue] = {}

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
                raise ValueError(f"{name} is the server's to set")
        return headers

    def matches(self, method: str, path: str) -> bool:
        """Whether a call to the decoded `path` is meant; the method `*` means any."""
        if self.method not in ("*", method):
            return False
        return path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path


@dataclass
class Faults:
    """The orders not yet used up, oldest first."""

    _orders: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Take an order."""
        self._orders.append(fault)

    def clear(self) -> None:
        """Forget every order."""
        self._orders.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The oldest order that this call meets, spent by one."""
        fault = next((order for order in self._orders if order.matches(method, path)), None)
        if fault:
            fault.times -= 1
            if not fault.times:
                self._orders.remove(fault)
        return fault
