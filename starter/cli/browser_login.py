"""Login in the browser to get an access token for the MFA API: authorization code, PKCE and a loopback callback.

No password passes through the command (RFC 8252, RFC 7636). The user who is to log in always gives it anew: whoever
is logged in at Auth0 in this browser may be somebody else.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from phone_mfa.auth0.error_rules import KNOWN_CODES
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.http_client import http_client
from phone_mfa.openid import Challenge, LoginError, LoginUnavailableError, OpenIdClient, OpenIdSettings
from phone_mfa.settings import Auth0Settings
from starter.callback_url import callback_url

from .callback import AuthorizationResponse, listening
from .errors import OutcomeNotReachedError
from .findings import State
from .login import DECLINED, SCOPE_MISSING
from .login_check import check_login

LIMIT_SECONDS: Final = 300
"""How long the command waits for the browser. Auth0's pages give up after five to ten minutes."""

UNAVAILABLE: Final = "Auth0 cannot be reached, or returned no valid response: try again later."
ERRORS: Final = {
    "access_denied": DECLINED,
    "consent_required": "The user has to consent, and Auth0 did not ask: see the application's settings.",
    "interaction_required": "The user has to act at Auth0 before this login is possible.",
    "login_required": "Auth0 did not let the user log in.",
    "mfa_required": "The user has to pass MFA, and Auth0 did not ask for it: see the tenant's Actions.",
    "temporarily_unavailable": UNAVAILABLE,
    "server_error": UNAVAILABLE,
}
"""What to tell about an error that comes back with the browser."""
PROBLEMS: Final = {
    "code_refused": "Auth0 does not accept the code of the login: check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (or "
    "AUTH0_PRIVATE_KEY_FILE, or AUTH0_PUBLIC_CLIENT) against the application's settings.",
    "scope_missing": SCOPE_MISSING,
    "login_too_old": "The login is from long ago: check the clock here, and log in again.",
}
"""What to tell about a login that cannot be used, by its reason."""


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """A login in the browser.

    ``port``: of the callback. ``show``: shows a line of text, such as the address of the login page. ``user``: whom
    that page suggests. ``opens``: whether to open the browser.
    """

    port: int
    show: Callable[[str], None]
    user: str | None = None
    opens: bool = True
    limit_seconds: float = LIMIT_SECONDS

    async def token(self, settings: Auth0Settings) -> ProvideMfaToken:
        """Return an access token for the ``/mfa/`` audience.

        Raises:
            OutcomeNotReachedError: Nobody logged in, or the login cannot be used.
            BadInputError: The port cannot be used.
        """
        tenant = OpenIdSettings(settings.base_url, settings.credentials, callback_url(self.port))
        async with http_client() as http:
            openid, challenge = OpenIdClient(http, tenant), Challenge.new()
            finding = await check_login(http, openid)
            if finding.state is State.NOT_OK:
                raise OutcomeNotReachedError(finding.sentence)
            try:
                url = await openid.url(challenge, prompt="login", hint=self.user)
                response = await self._response(url, challenge)
                logged_in = await openid.exchanged(response.code, response.issuer, challenge)
            except LoginUnavailableError:
                raise OutcomeNotReachedError(UNAVAILABLE) from None
            except LoginError as error:
                unusable = f"The login that came back cannot be used ({error.reason}): log in again."
                raise OutcomeNotReachedError(PROBLEMS.get(error.reason, unusable)) from None
        return ProvideMfaToken(mfa_token=logged_in.access_token, issued_at=datetime.now(UTC))

    async def _response(self, url: str, challenge: Challenge) -> AuthorizationResponse:
        async with listening(self.port, challenge.state) as answered:
            self.show(f"Log in with a browser on this computer, within {self.limit_seconds / 60:.3g} minutes:")
            self.show(f"  {url}")
            with _opened(url) if self.opens else nullcontext():
                try:
                    response = await asyncio.wait_for(answered, self.limit_seconds)
                except TimeoutError:
                    raise OutcomeNotReachedError("Nobody logged in in time: run the command again.") from None
        if response.error or not response.code:
            known = f" ({response.error})" if response.error in KNOWN_CODES else ""
            raise OutcomeNotReachedError(ERRORS.get(response.error, f"Auth0 refused the login{known}."))
        return response


@contextmanager
def _opened(url: str) -> Iterator[None]:
    """Open the browser by a process of its own, which writes nothing between the token and its reader."""
    process = subprocess.Popen(
        [sys.executable, "-m", "webbrowser", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()  # ended long ago, unless the browser runs in a terminal
        process.wait()
