"""Users of the tenant, for tests and people: add, list, search, change, remove.

The Management API does much of this too, with a token and in Auth0's words.
"""

from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.authenticators import Authenticator, Email, Phone, Push, RecoveryCode, Totp
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import answer

from .query import whole_number
from .seed import Name, SeedUser, create_user

MOST = 1_000
"""Users of one page."""


class UserChange(Form):
    """Members to change, at least one. `blocked: false` also forgets wrong passwords."""

    password: Name | None = None
    email_verified: bool | None = None
    blocked: bool | None = None


async def put_user(request: Request) -> Response:
    """Create or change a user."""
    given = await read_form(request, SeedUser, errors.control)
    return answer({"user_id": create_user(emulator_of(request).tenant, given).id})


async def list_users(request: Request) -> Response:
    """Return a page of users, newest first, whose address, id or number contains `search`."""
    tenant = emulator_of(request).tenant
    size, text = whole_number(request, "per_page", 50, 1, MOST), _search(request)
    start = whole_number(request, "page", 0, 0, 1_000_000) * size
    newest = reversed(tenant.users.values())
    found = [user for user in newest if _matches(user, text)] if text else newest
    total = len(found) if isinstance(found, list) else len(tenant.users)
    locked = _locked_out(tenant)
    users = [_view(tenant, user, user.email.lower() in locked) for user in islice(found, start, start + size)]
    return answer({"total": total, "start": start, "limit": size, "users": users})


async def patch_user(request: Request) -> Response:
    """Change a user."""
    given = await read_form(request, UserChange, errors.control)
    if given == UserChange():
        raise errors.control("password, email_verified or blocked must be given.")
    tenant, user = _user_of(request)
    user.password = given.password or user.password
    user.email_verified = user.email_verified if given.email_verified is None else given.email_verified
    user.blocked = user.blocked if given.blocked is None else given.blocked
    if given.blocked is False:
        tenant.forget_failed_logins(user)
    user.updated_at = tenant.clock.now()
    return answer(_view(tenant, user, user.email.lower() in _locked_out(tenant)))


async def delete_user(request: Request) -> Response:
    """Remove a user with their authenticators, logins and tokens."""
    tenant, user = _user_of(request)
    tenant.remove_user(user)
    return answer({"status": "ok"})


async def delete_authenticator(request: Request) -> Response:
    """Remove one authenticator; a push and its one-time passwords go together."""
    tenant, user = _user_of(request)
    wanted = request.path_params["device"]
    found = next((one for one in user.authenticators if one.device == wanted), None)
    if not found:
        raise errors.control("The user has no authenticator with this id.", 404)
    user.remove(found)
    return answer(_view(tenant, user, user.email.lower() in _locked_out(tenant)))


def _user_of(request: Request) -> tuple[Tenant, User]:
    tenant = emulator_of(request).tenant
    user = tenant.users.get(request.path_params["user_id"])
    if not user:
        raise errors.control("No user has this id.", 404)
    return tenant, user


def _search(request: Request) -> str:
    """Returns the text to search for; a `+` that arrived as a space is restored."""
    return request.query_params.get("search", "").strip().lower().replace(" ", "+").removeprefix("+")


def _matches(user: User, text: str) -> bool:
    numbers = (one.number for one in user.authenticators if isinstance(one, Phone))
    return text in user.email.lower() or text in user.id or any(text in number for number in numbers)


def _locked_out(tenant: Tenant) -> set[str]:
    """Returns the addresses, in lower case, that brute-force protection blocks."""
    most = tenant.settings.brute_force_attempts
    if most is None:
        return set()
    return {origin.rpartition(" ")[0] for origin, count in tenant.failed_logins.items() if count >= most}


def _view(tenant: Tenant, user: User, locked_out: bool) -> dict[str, object]:
    now = tenant.clock.now()
    return {
        "user_id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "blocked": user.blocked,
        "locked_out": locked_out,
        "created_at": iso(user.created_at),
        "last_login": iso(user.last_login) if user.last_login else None,
        "logins_count": user.logins_count,
        "authenticators": [_authenticator(one, now) for one in user.authenticators],
    }


def _authenticator(one: Authenticator, now: float) -> dict[str, object]:
    """Returns an authenticator in the words of a seed, with its id and, for an app, the current code."""
    view: dict[str, object] = {"id": one.device, "type": one.kind, "confirmed": one.active}
    match one:
        case Phone():
            return view | {"phone_number": one.number, "preferred": one.preferred}
        case Email():
            return view | {"email": one.address}
        case Push():
            return view | {"name": one.name}
        case Totp():
            return view | {"secret": one.secret, "code": one.code_at(now)}
        case RecoveryCode():
            return view | {"recovery_code": one.code}
