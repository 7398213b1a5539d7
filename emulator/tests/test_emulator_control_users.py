"""Users, applications, settings, calls and log on the control plane, as its page reads and changes them."""

import time

import httpx
import pyotp
import pytest

from auth0_mfa_emulator.tenant.settings import Settings
from emulator.tests.visitor import PASSWORD, Visitor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADA = {
    "email": "Ada@example.com",
    "password": PASSWORD,
    "email_verified": True,
    "authenticators": [
        {"type": "phone", "phone_number": "+15555550100", "preferred": "voice"},
        {"type": "email", "email": "ada@example.org"},
        {"type": "push", "confirmed": False},
        {"type": "totp", "secret": SECRET},
        {"type": "recovery-code", "recovery_code": "ABCDEFGHJKLMNPQRSTUVWXYZ"},
    ],
}


async def test_a_user_is_listed_with_authenticators_in_the_words_of_a_seed(visitor: Visitor) -> None:
    await visitor.control("POST", "clock", {"set": "2026-01-31T12:00:00Z", "frozen": True})
    user_id = (await visitor.control("POST", "users", ADA))["user_id"]
    listed = await visitor.control("GET", "users")
    (ada,) = listed.pop("users")
    assert listed == {"total": 1, "start": 0, "limit": 50}
    phone, mail, push, twin, totp, recovery = ada.pop("authenticators")
    assert ada == {
        "user_id": user_id,
        "email": "ada@example.com",
        "email_verified": True,
        "blocked": False,
        "locked_out": False,
        "created_at": "2026-01-31T12:00:00.000Z",
        "last_login": None,
        "logins_count": 0,
    }
    assert {one.pop("id")[:4] for one in (phone, mail, push, twin, totp, recovery)} == {"dev_"}
    assert phone == {"type": "phone", "confirmed": True, "phone_number": "+15555550100", "preferred": "voice"}
    assert mail == {"type": "email", "confirmed": True, "email": "ada@example.org"}
    assert push == {"type": "push", "confirmed": False, "name": "Emulated phone"}
    assert (twin["type"], twin["confirmed"]) == ("totp", False)
    code = pyotp.TOTP(SECRET).at(await visitor.now())
    assert totp == {"type": "totp", "confirmed": True, "secret": SECRET, "code": code}
    assert recovery["recovery_code"] == "ABCDEFGHJKLMNPQRSTUVWXYZ"


async def test_users_are_paged_newest_first(visitor: Visitor) -> None:
    seed = {"users": [{"email": f"u{number}@example.com", "password": "pw"} for number in range(5)]}
    await visitor.control("POST", "seed", seed)
    page = await visitor.control("GET", "users?per_page=2&page=1")
    assert (page["total"], page["start"], page["limit"]) == (5, 2, 2)
    assert [user["email"] for user in page["users"]] == ["u2@example.com", "u1@example.com"]
    assert (await visitor.control("GET", "users?per_page=2&page=3"))["users"] == []


@pytest.mark.parametrize("text", ["ADA@EX", "+1555555", "%2B15555550100", "5550100"])
async def test_users_are_searched_by_address_number_or_id(visitor: Visitor, text: str) -> None:
    user_id = (await visitor.control("POST", "users", ADA))["user_id"]
    await visitor.control("POST", "users", {"email": "bea@example.com", "password": "pw"})
    for search in (text, user_id.partition("|")[2]):
        found = await visitor.control("GET", f"users?search={search}")
        assert (found["total"], found["users"][0]["user_id"]) == (1, user_id)
    assert (await visitor.control("GET", "users?search=nobody"))["total"] == 0


@pytest.mark.parametrize("query", ["page=-1", "page=x", "per_page=0", "per_page=1001", "per_page=%C2%B2"])
async def test_a_page_that_is_none_is_refused(visitor: Visitor, query: str) -> None:
    answer = await visitor.http.get(f"/_control/users?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{query.partition('=')[0]}: Input should be a whole number from ")


async def test_the_newest_calls_and_log_lines_can_be_asked_for(visitor: Visitor) -> None:
    for path in ("/one", "/two", "/three"):
        await visitor.http.get(path)
    await visitor.login(await visitor.person())
    await visitor.grant("password", username="nobody@example.com", password="x")
    assert [call["path"] for call in await visitor.control("GET", "requests?last=3")] == [
        "/three",
        *["/oauth/token"] * 2,
    ]
    assert [line["type"] for line in await visitor.control("GET", "logs?last=1")] == ["fu"]
    assert [line["type"] for line in await visitor.control("GET", "logs?last=1&type=mfar")] == ["mfar"]
    assert await visitor.control("GET", "requests?last=0") == []
    for path in ("requests", "logs"):
        assert (await visitor.http.get(f"/_control/{path}?last=all")).status_code == 400


async def test_a_user_is_blocked_and_unblocked(visitor: Visitor) -> None:
    person = await visitor.person()
    blocked = await visitor.control("PATCH", f"users/{person.user_id}", {"blocked": True})
    assert (blocked["blocked"], blocked["email"]) == (True, person.email)
    assert (await visitor.login(person)).json()["error_description"] == "user is blocked"
    await visitor.control("PATCH", f"users/{person.user_id}", {"blocked": False})
    assert (await visitor.login(person)).json()["error"] == "mfa_required"


async def test_unblocking_a_user_forgets_wrong_passwords(visitor: Visitor) -> None:
    await visitor.switch(brute_force_attempts=1)
    person = await visitor.person()
    await visitor.grant("password", username=person.email, password="wrong")
    assert (await visitor.login(person)).status_code == 429
    assert [user["locked_out"] for user in (await visitor.control("GET", "users"))["users"]] == [True]
    unblocked = await visitor.control("PATCH", f"users/{person.user_id}", {"blocked": False})
    assert unblocked["locked_out"] is False
    assert (await visitor.login(person)).json()["error"] == "mfa_required"


async def test_other_members_of_a_user_are_changed_one_by_one(visitor: Visitor) -> None:
    person = await visitor.person()
    changed = await visitor.control("PATCH", f"users/{person.user_id}", {"email_verified": True})
    assert (changed["email_verified"], changed["blocked"]) == (True, False)
    await visitor.control("PATCH", f"users/{person.user_id}", {"password": "new"})
    assert (await visitor.grant("password", username=person.email, password="new")).json()["error"] == "mfa_required"


async def test_a_user_is_removed_with_what_they_hold(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.control("DELETE", f"users/{person.user_id}")
    assert (await visitor.control("GET", "users"))["total"] == 0
    assert (await visitor.associate(token, person.number)).status_code == 401


async def test_one_authenticator_is_removed_a_push_with_its_one_time_passwords(visitor: Visitor) -> None:
    user_id = (await visitor.control("POST", "users", ADA))["user_id"]
    (ada,) = (await visitor.control("GET", "users"))["users"]
    push = next(one["id"] for one in ada["authenticators"] if one["type"] == "push")
    left = await visitor.control("DELETE", f"users/{user_id}/authenticators/{push}")
    assert [one["type"] for one in left["authenticators"]] == ["phone", "email", "totp", "recovery-code"]
    gone = await visitor.http.delete(f"/_control/users/{user_id}/authenticators/{push}")
    assert (gone.status_code, gone.json()) == (404, {"error": "The user has no authenticator with this id."})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("PATCH", "users/nobody", {"blocked": True}, 404, "No user has this id."),
        ("DELETE", "users/nobody", None, 404, "No user has this id."),
        ("DELETE", "users/nobody/authenticators/x", None, 404, "No user has this id."),
        ("PATCH", "users/{}", {}, 400, "password, email_verified or blocked must be given."),
        ("PATCH", "users/{}", {"blocked": "yes"}, 400, "blocked: Input should be a valid boolean."),
        ("PATCH", "users/{}", {"email": "b@c"}, 400, "email: Extra inputs are not permitted."),
        ("PATCH", "users/{}", {"\n": 1}, 400, "'\\n': Extra inputs are not permitted."),
    ],
)
async def test_a_change_that_cannot_be_made_is_one_sentence(
    visitor: Visitor, method: str, path: str, body: object, status: int, error: str
) -> None:
    person = await visitor.person()
    answer = await visitor.http.request(method, f"/_control/{path.format(person.user_id)}", json=body)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_applications_are_listed(visitor: Visitor) -> None:
    await visitor.control("POST", "clients", {"client_id": "shop"})
    secrets = {client["client_id"]: client["secret"] for client in await visitor.control("GET", "clients")}
    known = {"emulator-client": "emulator-secret", "management-client": "management-secret"}
    assert secrets == known | {"spa-client": None, "shop": None}


async def test_every_setting_is_described_with_its_default(visitor: Visitor) -> None:
    described = (await visitor.control("GET", "tenant/schema"))["properties"]
    shown = await visitor.control("GET", "tenant")
    assert list(described) == list(shown)
    assert {name: one["default"] for name, one in described.items()} == Settings().model_dump(mode="json")
    assert [name for name, one in described.items() if not one.get("description", "").endswith(".")] == []


async def test_a_hundred_thousand_users_are_searched_while_one_types(visitor: Visitor) -> None:
    for part in range(20):
        users = [{"email": f"user{part}-{number}@example.com", "password": "pw"} for number in range(5_000)]
        await visitor.control("POST", "seed", {"users": users})
    started = time.perf_counter()
    found = await visitor.control("GET", "users?search=user19-4999@")
    first = await visitor.control("GET", "users")
    assert (found["total"], first["total"]) == (1, 100_000)
    assert time.perf_counter() - started < 2  # a tenth of a second where nothing else runs


async def test_the_page_is_there_and_its_errors_are_those_of_the_control_plane(http: httpx.AsyncClient) -> None:
    assert (await http.get("/_control")).headers["content-type"].startswith("text/html")
    assert (await http.post("/_control")).json() == {"error": "Method Not Allowed"}
    for path in ("/_control/page/__init__.py", "/_control/page/index.html", "/_control/page/x.css"):
        assert (await http.get(path)).json() == {"error": "Not Found"}
