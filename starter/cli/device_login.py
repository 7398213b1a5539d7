"""Login on another device to get an access token for the MFA API: the device authorization flow (RFC 8628)."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from phone_mfa.auth0 import (
    MFA_SCOPES,
    AmbiguousError,
    Auth0,
    AuthorizationPendingError,
    AuthorizationRejectedError,
    DeviceAuthorization,
    GrantNotAllowedError,
    LoginRefusedError,
    NotReachedError,
    RateLimitedError,
    Tokens,
)
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.settings import Auth0Settings

from .connect import open_auth0
from .errors import OutcomeNotReachedError
from .login import DECLINED, SCOPE_MISSING

SLOWER_SECONDS: Final = 5
"""How much longer to wait between two questions after each that came too early (RFC 8628, section 3.5)."""

FIX_GRANT: Final = (
    "The application may not log users in on another device: it must be a native application, whose Authentication "
    "Method is None, with the grant Device Code: dashboard, Applications, your application, Credentials, and Advanced "
    "Settings, Grant Types."
)
EXPIRED: Final = "Nobody logged in in time, or Auth0's answer was lost: run the command again."


async def log_in_on_device(
    settings: Auth0Settings, show: Callable[[str], None], slower_seconds: float = SLOWER_SECONDS
) -> ProvideMfaToken:
    """Show where to log in, by lines of text, wait for it, and return an access token for the ``/mfa/`` audience.

    Raises:
        OutcomeNotReachedError: Nobody logged in, or the application may not use this flow.
        Auth0Error: Auth0 refused the request.
    """
    async with open_auth0(settings) as auth0:
        try:
            begun = await auth0.authorize_device(audience=auth0.mfa_audience, scope=" ".join(MFA_SCOPES))
        except GrantNotAllowedError:
            raise OutcomeNotReachedError(FIX_GRANT) from None
        show(f"Log in with a browser on any device, within {begun.expires_in / 60:.3g} minutes:")
        show(f"  {begun.verification_uri_complete or begun.verification_uri}")
        show(f"Continue there only if the page shows this code: {begun.user_code}")
        tokens = await _granted(auth0, begun, slower_seconds)
    if not tokens.may_enroll:
        raise OutcomeNotReachedError(SCOPE_MISSING)
    return ProvideMfaToken(mfa_token=tokens.access_token, issued_at=datetime.now(UTC))


async def _granted(auth0: Auth0, begun: DeviceAuthorization, slower_seconds: float) -> Tokens:
    """Ask until the user has finished. An outage meanwhile does not lose the login."""
    interval: float = begun.interval
    ends = time.monotonic() + begun.expires_in
    while time.monotonic() < ends:
        await asyncio.sleep(interval)
        try:
            return await auth0.exchange_device_code(begun.device_code)
        except (AuthorizationPendingError, NotReachedError, AmbiguousError):
            continue
        except RateLimitedError as error:
            interval = max(interval + slower_seconds, error.retry_after_seconds or 0)
        except AuthorizationRejectedError:
            raise OutcomeNotReachedError(DECLINED) from None
        except LoginRefusedError:
            break
    raise OutcomeNotReachedError(EXPIRED)
