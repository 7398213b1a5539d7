"""One call of a hosted page, as its handlers see it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.sign_ins import SignIn
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import Parameters, optional_text

from .sign_in_flow import shown


@dataclass(frozen=True)
class Visit:
    """A call of the page on which the user has to act; `given` are the fields of its form."""

    request: Request
    sign_in: SignIn
    given: Parameters

    @property
    def tenant(self) -> Tenant:
        """The called tenant."""
        return emulator_of(self.request).tenant

    @property
    def client(self) -> Client:
        """The application that the user signs in to."""
        return self.tenant.clients[self.sign_in.request.client_id]

    @property
    def user(self) -> User:
        """The user who gave the right password."""
        return self.tenant.users[self.sign_in.user_id or ""]

    def text(self, name: str) -> str:
        """Returns a field, empty if it is absent."""
        return optional_text(self.given, name) or ""

    def index(self, count: int) -> int | None:
        """Returns the number of the button that was pressed, of so many."""
        action = self.text("action")
        return next((index for index in range(count) if str(index) == action), None)

    def go(self, screen: str) -> Response:
        """Returns a redirect to another page."""
        self.sign_in.screen, self.sign_in.error = screen, ""
        return shown(self.sign_in)


Show = Callable[[Visit, str], Response]
"""Shows a page with an error, if any."""
Submit = Callable[[Visit], Response]
"""Processes the form of a page."""
