"""An application made with auth0-server-python, for the journeys to use."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from auth0_server_python.auth_server.server_client import ServerClient  # type: ignore[import-untyped]
from auth0_server_python.store.abstract import StateStore  # type: ignore[import-untyped]

from emulator.tests.visitor import Person, Visitor

Report = dict[str, Any]

CALLBACK = "http://localhost:8000/callback"
"""The callback of the predefined application."""


class Memory(StateStore):  # type: ignore[misc]
    """In-memory sessions of the application, for one journey."""

    def __init__(self) -> None:
        super().__init__({"secret": "a session secret"})
        self.held: dict[str, Any] = {}

    async def set(self, identifier: str, state: Any, _: bool = False, options: Any = None) -> None:
        self.held[identifier] = state

    async def get(self, identifier: str, options: Any = None) -> Any:
        held: Any = self.held.get(identifier)
        return held.model_dump() if hasattr(held, "model_dump") else held

    async def delete(self, identifier: str, options: Any = None) -> None:
        self.held.pop(identifier, None)


class Transactions(Memory):
    """Logins that have begun; the SDK reads them as it stored them."""

    async def get(self, identifier: str, options: Any = None) -> Any:
        return self.held.get(identifier)


@dataclass
class Application:
    """An application made with the SDK, and the visitor who holds the phones."""

    domain: str
    visitor: Visitor
    sessions: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self.server = ServerClient(
            domain=self.domain,
            client_id="emulator-client",
            client_secret="emulator-secret",
            secret="a session secret",
            state_store=self.sessions,
            transaction_store=Transactions(),
            redirect_uri=CALLBACK,
        )
        self.mfa = self.server.mfa

    def sealed(self, mfa_token: str, scope: str = "openid") -> str:
        # The SDK seals tokens only in its own logins, and has no password grant.
        return str(self.mfa._encrypt_mfa_token(mfa_token, "default", scope))

    async def token(self, person: Person, scope: str = "openid profile email") -> str:
        return self.sealed(await self.visitor.mfa_token(person, scope=scope), scope)

    async def listed(self, token: str) -> list[Report]:
        found = await self.mfa.list_authenticators({"mfa_token": token})
        return [one.model_dump(exclude_none=True) for one in found]

    async def enroll(self, token: str, factor: str, **more: str) -> Report:
        enrolled = await self.mfa.enroll_authenticator({"mfa_token": token, "factor_type": factor, **more})
        return dict(enrolled.model_dump(exclude_none=True))

    async def challenge(self, token: str, factor: str, **more: str) -> Report:
        challenged = await self.mfa.challenge_authenticator({"mfa_token": token, "factor_type": factor, **more})
        return dict(challenged.model_dump(exclude_none=True))

    async def verify(self, token: str, **proof: Any) -> Report:
        return dict((await self.mfa.verify({"mfa_token": token, **proof})).model_dump(exclude_none=True))

    async def phone(self, person: Person, channel: str = "sms") -> Report:
        """Enroll the person's phone."""
        token = await self.token(person)
        enrolled = await self.enroll(token, channel, phone_number=person.number)
        code = await self.visitor.code(person.number)
        await self.verify(token, oob_code=enrolled["oob_code"], binding_code=code)
        return enrolled


async def refused(call: Awaitable[object]) -> Report:
    """Returns the exception raised by the SDK."""
    try:
        return {"raised": None, "answered": repr(await call)}
    except Exception as error:
        cause = getattr(error, "cause", None)
        told = cause.get("error") if isinstance(cause, dict) else None
        return {"raised": type(error).__name__, "message": str(error), "error": told}
