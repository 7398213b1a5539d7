"""Password check, with login limits and brute-force protection (reference 3.4, section 4)."""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import required_text

from .exchange import Exchange

_BLOCKED = (
    "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your "
    "preferred contact method with instructions on how to unblock it."
)
_SUSPICIOUS = (
    "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."
)


def check_password(exchange: Exchange) -> User:
    """Returns the user whose credentials the call carries. Limits are per user and connection address.

    `auth0-forwarded-for` is ignored: a tenant honors it only for applications configured for it.
    """
    username = required_text(exchange.given, "username")
    password = required_text(exchange.given, "password")
    tenant, origin = exchange.tenant, f"{username.lower()} {exchange.ip}"
    user = tenant.user_by_email(username)
    if tenant.settings.suspicious_ip:
        raise errors.refused(429, "too_many_attempts", _SUSPICIOUS)
    if _blocked(exchange, origin):
        raise errors.refused(429, "too_many_attempts", _BLOCKED)
    if user and not tenant.take("logins", origin):
        exchange.note("limit_sul", user)
        raise errors.unsettled("too_many_logins")
    if user and user.password == password:
        tenant.failed_logins.pop(origin, None)
        return user
    if user:
        tenant.failed_logins[origin] = tenant.failed_logins.get(origin, 0) + 1
        exchange.note("fp", user)
        if _blocked(exchange, origin):
            exchange.note("limit_wc", user)
    else:
        tenant.note("fu", client_id=exchange.client.client_id)
    raise errors.invalid_grant("Wrong email or password.")


def _blocked(exchange: Exchange, origin: str) -> bool:
    allowed = exchange.tenant.settings.brute_force_attempts
    return allowed is not None and exchange.tenant.failed_logins.get(origin, 0) >= allowed
