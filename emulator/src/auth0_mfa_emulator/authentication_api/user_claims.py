"""Claims about a user, by scopes, in id tokens and in `/userinfo` (Auth0 docs, OpenID Connect scopes)."""

from collections.abc import Collection

from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.users import User

_PROFILE = ("given_name", "family_name", "nickname", "name", "picture")


def claims_of(user: User, scopes: Collection[str]) -> dict[str, object]:
    """Returns the claims, members in recorded order. The emulator knows no postal addresses."""
    profile, claims = user.shown_profile, dict[str, object]()
    if "profile" in scopes:
        claims |= {name: profile[name] for name in _PROFILE if name in profile} | {"updated_at": iso(user.updated_at)}
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if "phone" in scopes and "phone_number" in profile:
        claims |= {"phone_number": profile["phone_number"]}
        claims |= {"phone_number_verified": bool(profile.get("phone_verified"))}
    return claims
