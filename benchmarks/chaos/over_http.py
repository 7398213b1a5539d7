"""Messages a flow through the gateway, one request per call; retries are up to the caller."""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from .callers import FailedError, NotNowError, OverError, RefusedError, View, WrongAnswerError
from .plan import Kind
from .stack import Stack
from .tally import Tally

TABLE: Final = "answers of the gateway"

_PATHS: Final = {Kind.ENROLL: "enrollments", Kind.CHALLENGE: "challenges"}
_RESTING: Final = ("no-worker", "no-answer-yet", "engine-unreachable", "too-slow")
_REFUSED: Final = ("too-early", "too-many-requests", "no-message-left", "not-possible")


def problem_of(answer: httpx.Response) -> str:
    """Return the type of the problem in a response."""
    try:
        return str(answer.json()["type"]).rpartition(":")[2]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return f"status {answer.status_code}"


def error_of(answer: httpx.Response) -> Exception:
    """Return the error for a problem."""
    name, wait = problem_of(answer), answer.headers.get("Retry-After")
    seconds = float(wait) if wait else None
    if name in _RESTING:
        return NotNowError(name, seconds)
    if name in _REFUSED:
        return RefusedError(name, seconds)
    if name == "flow-over":
        return OverError(name)
    if name == "flow-failed":
        return FailedError(answer.text[:300])
    return WrongAnswerError(f"{answer.status_code} {answer.text[:300]}")


class HttpCaller:
    """A browser with a flow token, and its service with an API key."""

    def __init__(self, stack: Stack, tally: Tally, kind: Kind, user: str) -> None:
        self._stack, self._tally = stack, tally
        self._start_path, self._user = f"/v1/{_PATHS[kind]}", user
        self.flow_id = ""
        self._token = ""

    async def start(self, asked: Mapping[str, Any], attempt: str) -> None:
        """Start the flow, or attach."""
        body = {"user": self._user, **asked}
        answer = await self._ask("POST", self._start_path, body, as_service=True, key=attempt)
        self.flow_id, self._token = answer["flow_id"], answer["flow_token"]

    async def view(self) -> View:
        """Return the flow's view."""
        return View.of(await self._ask("GET", self._path()))

    async def check(self, code: Mapping[str, Any]) -> str:
        """Submit a code and return its verdict."""
        return str((await self._ask("POST", self._path("/binding-code"), code))["verdict"])

    async def submit(self, code: Mapping[str, Any]) -> None:
        """Submit a code without waiting for the verdict."""
        await self._ask("POST", self._path("/binding-code"), code, prefer="respond-async")

    async def resend(self) -> None:
        """Request a resend."""
        await self._ask("POST", self._path("/resend"))

    async def change_number(self, number: str) -> None:
        """Enroll another number."""
        await self._ask("POST", self._path("/phone-number"), {"phone_number": number})

    async def renew(self, token: str) -> None:
        """Provide a fresh mfa_token."""
        await self._ask("POST", self._path("/mfa-token"), {"mfa_token": token}, as_service=True)

    async def provide(self, token: str) -> None:
        """Provide a fresh mfa_token; the gateway has only one way."""
        await self.renew(token)

    async def cancel(self) -> None:
        """End the flow."""
        await self._ask("DELETE", self._path())

    def _path(self, end: str = "") -> str:
        return f"/v1/flows/{self.flow_id}{end}"

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        as_service: bool = False,
        key: str = "",
        prefer: str = "",
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._stack.api_key if as_service else self._token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Prefer": prefer} if prefer else {}
        try:
            answer = await self._stack.http.request(method, f"{self._stack.gateway}{path}", json=body, headers=headers)
        except httpx.TransportError as error:
            self._tally.count(TABLE, type(error).__name__)
            raise NotNowError(type(error).__name__) from None
        if answer.is_success:
            self._tally.count(TABLE, str(answer.status_code))
            return answer.json()
        self._tally.count(TABLE, f"{answer.status_code} {problem_of(answer)}")
        raise error_of(answer)
