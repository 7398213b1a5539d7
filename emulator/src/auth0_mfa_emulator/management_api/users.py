"""Users of the one database connection: create, read, search, change, delete (members and their order as recorded)."""

from itertools import islice
from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.tenant.authenticators import E164
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from .authorization import authorized, created, gone, ok
from .pagination import REACHABLE, View, listed, page_of, selected, sort_of
from .search_query import parsed

CONNECTION = "Username-Password-Authentication"
"""The only connection."""
Address = Annotated[str, Field(pattern=r"\A[^@\s]+@[^@\s]+\z", max_length=320)]
Text = Annotated[str, Field(min_length=1, max_length=300)]
GivenName = Annotated[str, Field(min_length=1, max_length=150)]
Username = Annotated[str, Field(min_length=1, max_length=128)]
PAGING = " See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation"
"""What the refusal of a page beyond 1,000 users refers to (auth0.net issue 979)."""
DEEPEST = 20
"""Levels of metadata that can be stored."""


def _shallow(metadata: dict[str, object]) -> dict[str, object]:
    level: list[object] = list(metadata.values())
    for _ in range(DEEPEST):
        parts = [list(one.values()) if isinstance(one, dict) else one for one in level]
        level = [inner for one in parts if isinstance(one, list) for inner in one]
    if level:
        raise ValueError(f"Input should have at most {DEEPEST} levels")
    return metadata


Metadata = Annotated[dict[str, object], AfterValidator(_shallow)]
_METADATA = ("user_metadata", "app_metadata")
_ONE_AT_A_TIME = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
"""Members that one call cannot change together (OpenAPI description, PATCH /users/{id})."""
_PROFILE = ("family_name", "given_name", "name", "nickname", "phone_number", "phone_verified", "picture", "username")
_SORTABLE = ("created_at", "updated_at", "email", "user_id", "name", "last_login", "logins_count")


class UserMembers(Form):
    """The members that creation and change have in common; null counts as absent at creation, and removes later."""

    connection: str | None = None
    client_id: str | None = None
    blocked: bool | None = None
    email_verified: bool | None = None
    verify_email: bool | None = None
    phone_number: Annotated[str, Field(pattern=E164)] | None = None
    phone_verified: bool | None = None
    verify_phone_number: bool | None = None
    given_name: GivenName | None = None
    family_name: GivenName | None = None
    name: Text | None = None
    nickname: Text | None = None
    picture: Text | None = None
    username: Username | None = None
    user_metadata: Metadata | None = None
    app_metadata: Metadata | None = None


class NewUser(UserMembers):
    """A user to create. `user_id` is the part of the id after `auth0|`."""

    connection: str
    email: Address
    password: Text
    user_id: Annotated[str, Field(pattern=r"\A[A-Za-z0-9._-]{1,255}\z")] | None = None


class UserPatch(UserMembers):
    """Members to change; metadata are merged on their first level."""

    email: Address | None = None
    password: Text | None = None
    verify_password: bool | None = None


async def list_users(request: Request) -> Response:
    """List or search users; `q` in part of Lucene's syntax. No more than 1,000 can be reached."""
    tenant = authorized(request, "read:users")
    page, query = page_of(request, reachable=REACHABLE, advice=PAGING), request.query_params.get("q")
    sort = sort_of(request, _SORTABLE)
    if not query and not sort:
        shown = [user_view(user) for user in islice(tenant.users.values(), page.start, page.end)]
        total = len(tenant.users)
    else:
        matches = parsed(query or "")
        found = [view for view in map(user_view, tenant.users.values()) if matches(view)]
        if sort:
            found.sort(key=lambda view: str(view.get(sort[0], "")), reverse=sort[1])
        shown, total = found[page.start : page.end], len(found)
    return ok(listed(page, "users", [selected(request, view) for view in shown], total, "total last"))


async def list_users_by_email(request: Request) -> Response:
    """Return the users with an address, none or one here; case matters."""
    tenant, email = authorized(request, "read:users"), request.query_params.get("email")
    if not email:
        raise errors.invalid_query("missing required property: email")
    user = tenant.user_by_email(email)
    return ok([selected(request, user_view(user))] if user and user.email == email else [])


async def get_user(request: Request) -> Response:
    """Return one user."""
    return ok(selected(request, user_view(user_of(request, authorized(request, "read:users")))))


async def create_user(request: Request) -> Response:
    """Create a user. No verification e-mail is sent."""
    tenant = authorized(request, "create:users")
    given = await read_form(request, NewUser, errors.invalid_body)
    _check_connection(given)
    user = User(given.email.lower(), given.password)
    user.id = f"auth0|{given.user_id}" if given.user_id else user.id
    if tenant.user_by_email(given.email) or user.id in tenant.users:
        raise errors.management(409, "The user already exists.", "auth0_idp_error")
    tenant.add_user(user)
    _fill(user, given)
    return created(user_view(user))


async def patch_user(request: Request) -> Response:
    """Change a user."""
    tenant = authorized(request, "update:users", "update:users_app_metadata")
    user = user_of(request, tenant)
    given = await read_form(request, UserPatch, errors.invalid_body)
    _check_connection(given)
    _check_one_at_a_time(given)
    if given.email and given.email.lower() != user.email.lower():
        if tenant.user_by_email(given.email):
            raise errors.management(400, "The specified new email already exists", "auth0_idp_error")
        tenant.rename_user(user, given.email.lower())
    now = tenant.clock.now()
    if given.password:
        user.password, user.last_password_reset = given.password, now
    user.updated_at = now
    _fill(user, given)
    return ok(user_view(user))


async def delete_user(request: Request) -> Response:
    """Delete a user with their authenticators, logins and tokens; an unknown one is gone already (recorded)."""
    tenant = authorized(request, "delete:users")
    user = tenant.users.get(request.path_params["user_id"])
    if user:
        tenant.remove_user(user)
    return gone()


def user_of(request: Request, tenant: Tenant) -> User:
    """Returns the user that the path names. Raises 404 (recorded)."""
    user = tenant.users.get(request.path_params["user_id"])
    if not user:
        raise errors.management(404, "The user does not exist.", code="inexistent_user")
    return user


def user_view(user: User) -> View:
    """Returns a user, members in recorded order; absent ones were never set."""
    profile = user.shown_profile
    view: View = {
        "blocked": user.blocked if user.blocked or "blocked" in profile else None,
        "created_at": iso(user.created_at),
        "email": user.email,
        "email_verified": user.email_verified,
        "family_name": None,
        "given_name": None,
        "identities": [_identity(user)],
        "name": None,
        "nickname": None,
        "phone_number": None,
        "phone_verified": None,
        "picture": None,
        "updated_at": iso(user.updated_at),
        "user_id": user.id,
        "user_metadata": profile.get("user_metadata"),
        "username": None,
        "multifactor": ["guardian"] if user.enrolled else None,
        "last_password_reset": iso(user.last_password_reset) if user.last_password_reset else None,
        "last_login": iso(user.last_login) if user.last_login else None,
        "logins_count": user.logins_count or None,
        "app_metadata": profile.get("app_metadata"),
    }
    view |= {name: profile[name] for name in _PROFILE if name in profile}
    return {name: value for name, value in view.items() if value is not None}


def _fill(user: User, given: UserMembers) -> None:
    """Take over what was given. The profile is replaced, never changed in place: its values may be shown already."""
    profile = dict(user.profile or {})
    if given.blocked is not None:
        user.blocked, profile["blocked"] = given.blocked, True
    if given.email_verified is not None:
        user.email_verified = given.email_verified
    for name in _PROFILE:
        if name in given.model_fields_set:
            profile[name] = getattr(given, name)
    for name in _METADATA:
        if name in given.model_fields_set:
            profile[name] = _merged(profile.get(name), getattr(given, name))
    if given.user_metadata == {}:
        profile["user_metadata"] = {}  # shown empty, unlike app_metadata (recorded)
    user.profile = {name: value for name, value in profile.items() if value is not None} or None


def _merged(old: object, new: Metadata | None) -> Metadata | None:
    """Merges the first level; null removes a member, and an empty object all of them (Auth0 docs, update metadata)."""
    both = {**old, **new} if isinstance(old, dict) and new else dict(new or {})
    return {name: value for name, value in both.items() if value is not None} or None


def _check_connection(given: UserMembers) -> None:
    if given.connection not in (None, CONNECTION):
        raise errors.management(400, "The connection does not exist.", "inexistent_connection")


def _check_one_at_a_time(given: UserPatch) -> None:
    for first, second in _ONE_AT_A_TIME:
        if getattr(given, first) is not None and getattr(given, second) is not None:
            raise errors.invalid_body(f"Cannot update {first} and {second} simultaneously")


def _identity(user: User) -> View:
    own = user.id.removeprefix("auth0|")
    return {"connection": CONNECTION, "user_id": own, "provider": "auth0", "isSocial": False}
