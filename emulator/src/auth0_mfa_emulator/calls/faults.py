"""What can be ordered: that calls which match are answered wrongly, late, or not at all."""

from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .call_view import CallView

_UNSETTABLE = {"connection", "content-length", "date", "server", "transfer-encoding", "upgrade"}

HeaderName = Annotated[str, Field(pattern=r"\A[A-Za-z0-9-]+\z")]
HeaderValue = Annotated[str, Field(pattern=r"\A[\x21-\x7e]+( +[\x21-\x7e]+)*\z")]


class Fault(BaseModel):
    """One order. It strikes `times` calls in order of arrival, None: until it is taken back.

    Which calls: `path` is exact or a prefix ending in `*`. `match` holds texts that members of the JSON or form body
    or of the query must equal, a JSON array of one text counting as that text; `match_headers` the same of headers.
    Of the calls meant, each is struck with `probability`, drawn from `seed`: the same seed draws the same strikes.

    How: `status` answers with the given status, headers and body and does no work; `reset` does no work and resets
    the connection. All others do the work. `delay` waits `seconds` of real time first; `slow_body` answers the head
    at once and the body in pieces, `seconds` in all; `garbage_body` answers bytes that are no JSON under the real
    head; `truncated_body` closes the connection halfway through the body; `drop_response` closes it unanswered.
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    method: str
    path: str
    kind: Literal["status", "delay", "slow_body", "garbage_body", "truncated_body", "drop_response", "reset"]
    times: int | None = Field(1, ge=1, le=1_000_000)
    probability: float = Field(1.0, ge=0, le=1)
    seed: int = 0
    match: dict[str, str] = {}
    match_headers: dict[HeaderName, str] = {}
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

    def means(self, call: CallView) -> bool:
        """Whether a call is meant; the method `*` means any."""
        if self.method not in ("*", call.method):
            return False
        if not (call.path.startswith(self.path[:-1]) if self.path.endswith("*") else call.path == self.path):
            return False
        return all(call.headers.get(name) == text for name, text in self.match_headers.items()) and all(
            call.members.get(name) in (text, [text]) for name, text in self.match.items()
        )
