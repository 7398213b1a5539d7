"""Attack protection: settings to read and change, members in recorded order.

A change replaces the given members; a `stage` is changed by its members.
"""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, checked, read_form, read_object
from auth0_mfa_emulator.tenant.settings import Settings

from .authorization import authorized, ok
from .pagination import View

READ, UPDATE = "read:attack_protection", "update:attack_protection"


class Backoff(Form):
    """How repeated messages to a user are limited; `none` is the older name of `default`."""

    type: Literal["default", "none", "exponential"]


async def get_brute_force(request: Request) -> Response:
    """Return brute-force protection."""
    return ok(_brute_force(authorized(request, READ).settings))


async def patch_brute_force(request: Request) -> Response:
    """Change brute-force protection; without the shield `block`, nobody is blocked."""
    tenant, body = authorized(request, UPDATE), await read_object(request, errors.invalid_body)
    settings = tenant.settings
    enabled = body.pop("enabled", settings.brute_force_attempts is not None)
    if not isinstance(enabled, bool):
        raise errors.invalid_body("enabled: Input should be a valid boolean.")
    kept: View = {"max_attempts": settings.brute_force_attempts} if settings.brute_force_attempts else {}
    changed = _changed(settings, "brute_force", kept | body)
    tenant.settings = changed.patched({"brute_force_attempts": changed.brute_force.max_attempts if enabled else None})
    return ok(_brute_force(tenant.settings))


async def get_breached_passwords(request: Request) -> Response:
    """Return detection of breached passwords."""
    return ok(authorized(request, READ).settings.breached_passwords.model_dump())


async def patch_breached_passwords(request: Request) -> Response:
    """Change detection of breached passwords; no password counts as breached here."""
    return ok((await _patched(request, "breached_passwords")).breached_passwords.model_dump())


async def get_suspicious_ips(request: Request) -> Response:
    """Return throttling of suspicious addresses."""
    return ok(authorized(request, READ).settings.suspicious_ips.model_dump())


async def patch_suspicious_ips(request: Request) -> Response:
    """Change throttling of suspicious addresses; which are suspicious says the setting `suspicious_ip`."""
    return ok((await _patched(request, "suspicious_ips")).suspicious_ips.model_dump())


async def _patched(request: Request, setting: str) -> Settings:
    """Change one setting to the body of a call. Returns all settings."""
    tenant, body = authorized(request, UPDATE), await read_object(request, errors.invalid_body)
    tenant.settings = _changed(tenant.settings, setting, body)
    return tenant.settings


def _changed(settings: Settings, setting: str, body: View) -> Settings:
    """Returns the settings with members of one changed. Raises 400 that names the member of the body."""
    return checked(
        lambda: settings.patched({setting: body}),
        lambda sentence: errors.invalid_body(sentence.removeprefix(f"{setting}.")),
    )


async def get_phone_provider(request: Request) -> Response:
    """Return how repeated messages are limited."""
    return ok({"type": authorized(request, READ).settings.phone_protection})


async def patch_phone_provider(request: Request) -> Response:
    """Choose between the budget of messages and growing waits."""
    tenant = authorized(request, UPDATE)
    given = await read_form(request, Backoff, errors.invalid_body)
    tenant.settings = tenant.settings.patched({"phone_protection": given.type})
    return ok({"type": given.type})


def _brute_force(settings: Settings) -> View:
    shown = settings.brute_force
    return {
        "enabled": settings.brute_force_attempts is not None,
        "shields": shown.shields,
        "mode": shown.mode,
        "allowlist": shown.allowlist,
        "max_attempts": settings.brute_force_attempts or shown.max_attempts,
    }
