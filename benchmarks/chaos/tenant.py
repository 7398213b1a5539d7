"""Client of the emulated tenant and its phones over HTTP. Every request is retried while the emulator is down."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from starter.local.stack import CLIENT

from .plan import Habits, Kind

_PASSWORD: Final = "correct horse"  # noqa: S105  # of pretend users
_MANAGEMENT: Final = {"client_id": "management-client", "client_secret": "management-secret"}

PATIENCE: Final = 120
"""Attempts, about half a second apart: longer than the emulator is ever down."""

ORDER_SECONDS: Final = 2.0
"""Timeout for ordering a fault from the emulator. A frozen emulator gets no orders."""

_SWITCHES: Final = {
    # A flow's own budgets, of at most 10, must be reached before Auth0's.
    "sends": {"burst": 40, "per_seconds": 1.0},
    "wrong_codes": {"burst": 40, "per_seconds": 1.0},
    "exchanges": {"burst": 60, "per_seconds": 1.0},
    "logins": {"burst": 100, "per_seconds": 1.0},
}


class SilentTenantError(Exception):
    """The emulator did not respond to any attempt."""


@dataclass(frozen=True)
class Message:
    """A message received by a phone."""

    id: str
    to: str
    code: str


class Tenant:
    """The emulator at an address."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self._http, self._address = http, address

    async def prepare(self, people: Sequence[Habits]) -> None:
        """Create the users, with an enrolled phone for those who are challenged, and generous budgets."""
        await self._ask("PATCH", "/_control/tenant", _SWITCHES)
        await self._ask("POST", "/_control/seed", {"users": [_seeded(habits) for habits in people]})

    async def log_in(self, habits: Habits) -> str:
        """Return the mfa_token of a fresh login."""
        asked = {"grant_type": "password", "username": habits.email, "password": _PASSWORD}
        credentials = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
        answer = await self._ask("POST", "/oauth/token", credentials | asked, status=403)
        return str(answer["mfa_token"])

    async def messages(self, number: str = "") -> list[Message]:
        """Return the messages of one phone, or of all, oldest first."""
        listed = await self._ask("GET", "/_control/messages", params={"to": number} if number else {})
        return [Message(each["id"], each["to"], each["code"]) for each in listed]

    async def confirmed_phones(self, habits: Habits) -> list[str]:
        """Return the masked numbers of a user's confirmed phones."""
        user_id = (await self._ask("POST", "/_control/users", _named(habits)))["user_id"]
        audience = {"grant_type": "client_credentials", "audience": f"{self._address}/api/v2/"}
        token = (await self._ask("POST", "/oauth/token", _MANAGEMENT | audience))["access_token"]
        path = f"/api/v2/users/{user_id}/authentication-methods"
        listed = await self._ask("GET", path, headers={"Authorization": f"Bearer {token}"})
        return [str(each["phone_number"]) for each in listed if each["type"] == "phone"]

    async def order(self, fault: Mapping[str, Any]) -> bool:
        """Order a fault, unless the emulator is down."""
        try:
            async with asyncio.timeout(ORDER_SECONDS):
                answer = await self._http.post(f"{self._address}/_control/faults", json=dict(fault))
        except (httpx.TransportError, TimeoutError):
            return False
        return answer.is_success

    async def order_surely(self, fault: Mapping[str, Any]) -> None:
        """Order a fault as soon as the emulator is up."""
        await self._ask("POST", "/_control/faults", dict(fault))

    async def clear_faults(self) -> None:
        """Cancel all ordered faults."""
        await self._ask("DELETE", "/_control/faults")

    async def _ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        status: int = 200,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        last = "no answer"
        for _ in range(PATIENCE):
            try:
                answer = await self._http.request(
                    method, f"{self._address}{path}", json=body, params=params, headers=headers, timeout=10
                )
                if answer.status_code == status:
                    return answer.json()
                last = f"{answer.status_code} {answer.text[:200]}"
            except httpx.TransportError as error:
                last = type(error).__name__
            await asyncio.sleep(random.uniform(0.3, 0.7))  # noqa: S311
        raise SilentTenantError(f"{method} {path}: {last}")


def _named(habits: Habits) -> dict[str, object]:
    return {"email": habits.email, "password": _PASSWORD}


def _seeded(habits: Habits) -> dict[str, object]:
    phone = {"type": "phone", "phone_number": habits.number}
    return _named(habits) | {"authenticators": [phone] if habits.kind is Kind.CHALLENGE else []}
