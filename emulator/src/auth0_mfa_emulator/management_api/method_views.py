"""How the Management API shows authenticators: one object per device, twins grouped, members in recorded order.

Lists and single methods are masked and say `confirmed`; the answer to a creation is masked, that to a replacement is
not (recorded; reference 2.10 and addendum 4).
"""

from collections.abc import Iterable

from auth0_mfa_emulator.tenant.authenticators import Authenticator, Email, Phone, Push, Totp, masked_email, masked_phone
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.users import User

from .pagination import View


def method_id(authenticator: Authenticator) -> str:
    """Returns the id of a method, such as `phone|dev_...`."""
    return f"{authenticator.kind}|{authenticator.device}"


def confirmed_methods(user: User) -> list[Authenticator]:
    """Returns a user's methods, phones last (recorded); pending ones are not shown (community 95815)."""
    active = [one for one in user.authenticators if one.active]
    return sorted(active, key=lambda one: isinstance(one, Phone))


def shown_method(user: User, one: Authenticator) -> View:
    """Returns a method as lists show it."""
    times = {"enrolled_at": one.enrolled_at, "last_auth_at": one.last_auth}
    return {
        "id": method_id(one),
        "type": one.kind,
        "confirmed": True,
        **_name(one),
        **_linked(user, one),
        **_address(one, masked=True),
        "created_at": iso(one.created_at),
        **{name: iso(time) for name, time in times.items() if time},
        **_channels(one),
    }


def created_method(one: Authenticator) -> View:
    """Returns the answer to a creation or change, without `confirmed`."""
    head = {"type": one.kind, **_name(one), "created_at": iso(one.created_at)}
    return {**head, **_address(one, masked=True), **_channels(one), "id": method_id(one)}


def replaced_methods(authenticators: Iterable[Authenticator]) -> list[View]:
    """Returns the answer to a replacement, with whole addresses."""
    return [
        {
            "id": method_id(one),
            "type": one.kind,
            **_name(one),
            **_address(one, masked=False),
            "created_at": iso(one.created_at),
            **_channels(one),
        }
        for one in authenticators
    ]


def _name(one: Authenticator) -> View:
    return {"name": one.name} if one.name else {}


def _address(one: Authenticator, *, masked: bool) -> View:
    match one:
        case Phone():
            return {"phone_number": masked_phone(one.number) if masked else one.number}
        case Email():
            return {"email": masked_email(one.address) if masked else one.address}
        case _:
            return {}


def _channels(one: Authenticator) -> View:
    if not isinstance(one, Phone):
        return {}
    kinds = [{"id": f"{kind}|{one.device}", "type": kind} for kind in one.channels]
    return {"preferred_authentication_method": one.preferred, "authentication_methods": kinds}


def _linked(user: User, one: Authenticator) -> View:
    """Returns the method that is removed together with this one: a push and its one-time passwords."""
    match one:
        case Totp() if one.push_device:
            return {"link_id": f"push|{one.push_device}"}
        case Push():
            codes = [other for other in user.authenticators if isinstance(other, Totp)]
            return next(({"link_id": method_id(other)} for other in codes if other.push_device == one.device), {})
        case _:
            return {}
