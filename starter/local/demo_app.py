"""A sample application: logs users in, starts their flows through the gateway and builds the links to the pages.

Like a real backend, it uses only HTTP and an API key, neither Temporal nor the Python types of a flow.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret
from starter.callback_url import callback_url

from .demo_user import PASSWORD, DemoUser
from .processes import StackError
from .stack import CLIENT, Stack

FIRST_NUMBER: Final = 15_555_550_100
"""Numbers from here on are fictitious."""


@dataclass(frozen=True)
class Link:
    """A page for one person. ``url`` contains a token that is valid for one flow only."""

    page: Literal["invite", "enroll", "verify"]
    user: str
    phone_number: str
    url: str = field(repr=False)
    phone: str
    """Where the code appears."""


class DemoApp:
    """The sample application. Each link is for a new user."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._stack, self._http = stack, http
        credentials = ClientSecret(CLIENT[0], SecretStr(CLIENT[1]))
        self._auth0 = Auth0(http, base_url=stack.auth0, credentials=credentials)
        self._users = 0

    async def prepare(self) -> None:
        """Let the tenant send users back to the gateway and to `phone-mfa login`, and leave their enrollment to us."""
        control, (client_id, secret) = f"{self._stack.auth0}/_control", CLIENT
        callbacks = [f"{self._stack.gateway}/login/callback", callback_url(self._stack.ports.callback)]
        client = {"client_id": client_id, "client_secret": secret, "callbacks": callbacks}
        (await self._http.post(f"{control}/clients", json=client)).raise_for_status()
        (await self._http.patch(f"{control}/tenant", json={"enroll_on_login_pages": False})).raise_for_status()

    async def invite(self) -> Link:
        """Return a link for a user without a phone, who signs in first. Raises ``StackError``."""
        person = await self._user()
        started = await self._start("enrollments", user=person.user_id, phone_number=person.number, invite=True)
        return Link("invite", person.email, person.number, started["link"]["url"], self._stack.phone(person.number))

    async def enroll(self) -> Link:
        """Return a link for a user without a phone. Raises ``StackError``."""
        person = await self._user()
        return await self._link("enroll", "enrollments", person, phone_number=person.number)

    async def verify(self) -> Link:
        """Return a link for a user with an enrolled phone. Raises ``StackError``."""
        return await self._link("verify", "challenges", await self._user(enrolled=True))

    async def curl(self) -> str:
        """Return the shell commands that start another user's enrollment."""
        person = await self._user()
        body = f'{{"user":"{person.email}","phone_number":"{person.number}","mfa_token":"\'"$TOKEN"\'"}}'
        return (
            f"TOKEN=$(curl -s {self._stack.auth0}/oauth/token -d grant_type=password -d username={person.email} "
            f"-d password={PASSWORD} -d client_id={CLIENT[0]} -d client_secret={CLIENT[1]} "
            """| sed 's/.*"mfa_token":"\\([^"]*\\)".*/\\1/')\n"""
            f"curl {self._stack.gateway}/v1/enrollments -H 'Authorization: Bearer {self._stack.api_key}' "
            f"-H 'Content-Type: application/json' -d '{body}'"
        )

    async def _user(self, *, enrolled: bool = False) -> DemoUser:
        self._users += 1
        email, number = f"user-{self._users}@example.com", f"+{FIRST_NUMBER + self._users}"
        person = DemoUser(self._http, self._auth0, self._stack.auth0, email, number)
        await person.sign_up(enrolled=enrolled)
        return person

    async def _link(self, page: Literal["enroll", "verify"], kind: str, person: DemoUser, **more: str) -> Link:
        token = await person.log_in()
        started = await self._start(kind, user=person.email, mfa_token=token.get_secret_value(), **more)
        url = f"{self._stack.gateway}/{page}#token={started['flow_token']}"
        return Link(page, person.email, person.number, url, self._stack.phone(person.number))

    async def _start(self, kind: str, **body: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._stack.api_key}"}
        try:
            answer = await self._http.post(f"{self._stack.gateway}/v1/{kind}", json=body, headers=headers, timeout=30)
        except httpx.TransportError:
            raise StackError(f"The gateway does not respond at {self._stack.gateway}.") from None
        if not answer.is_success:
            raise StackError(f"The gateway returned {answer.status_code}: {answer.text}")
        started: dict[str, Any] = answer.json()
        return started
