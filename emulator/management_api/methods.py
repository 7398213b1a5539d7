"""The Management API for one user: confirmed methods and the recovery code (reference 2.10)."""

from starlette.requests import Request
from starlette.responses import Response

from emulator import errors
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import RecoveryCode, User, masked_phone

from .permits import authorized, ok


async def list_authentication_methods(request: Request) -> Response:
    """A user's confirmed methods, twins as one; pending ones are not shown here (community 95815)."""
    user = _user(request, authorized(request, "read:users", "read:authentication_methods"))
    methods: list[dict[str, object]] = [
        {
            "id": f"phone|{phone.device}",
            "type": "phone",
            "confirmed": True,
            "phone_number": masked_phone(phone.number),
            "preferred_authentication_method": phone.preferred,
            "authentication_methods": [{"id": f"{kind}|{phone.device}", "type": kind} for kind in phone.channels],
        }
        for phone in user.phones
        if phone.active
    ]
    if user.recovery and user.recovery.active:
        methods.append({"id": f"recovery-code|{user.recovery.device}", "type": "recovery-code", "confirmed": True})
    return ok(methods)


async def regenerate_recovery_code(request: Request) -> Response:
    """Give a user another recovery code; the old one is dead."""
    user = _user(request, authorized(request, "update:users"))
    user.recovery = RecoveryCode(active=user.enrolled)
    return ok({"recovery_code": user.recovery.code})


def _user(request: Request, tenant: Tenant) -> User:
    user = tenant.users.get(request.path_params["user_id"])
    if not user:
        raise errors.management(404, "The user does not exist.", code="inexistent_user")
    return user
