"""Links of invited users, and the login at Auth0 that a link begins: what works, and what attackers try."""

import json
import time
import uuid
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from gateway.context import LoginContext
from phone_mfa.api_keys import revoke_key
from phone_mfa.contracts import Outcome, Phase, reveal
from phone_mfa.contracts.calls import Associate
from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import ORIGIN, Door, bearer, opened, problem_in
from tests.integration.gateway.login_tenant import ACCESS_TOKEN, CLIENT_ID, SECRET, Tenant, logging_in


@dataclass
class People:
    """A gateway with links, and the tenant where people log in."""

    door: Door
    tenant: Tenant
    login: LoginContext

    async def invite(self, user: str | None = None, **more: Any) -> dict[str, Any]:
        """An invited user's flow, as the service sees it."""
        answer = await self.door.enroll(user=user or self.tenant.user, mfa_token=None, invite=True, **more)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def begin(self, link: str, **more: Any) -> httpx.Response:
        """A person opens a link and goes to the login page."""
        return await self.door.anybody.post("/v1/logins", json={"invitation": token_in(link), **more})

    async def log_in(self, link: str, **more: Any) -> httpx.Response:
        """A person opens a link and logs in; where the browser ends up."""
        return await self.come_back((await self.begin(link, **more)).json()["url"])

    async def come_back(self, url: str, **changed: str) -> httpx.Response:
        """The browser comes back from the login page; ``changed``: what somebody has put into its way."""
        query = {"code": self.tenant.authorizes(url), "state": asked_in(url)["state"]} | changed
        return await self.door.anybody.get("/login/callback", params=query)


def asked_in(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def token_in(link: str) -> str:
    return link.partition("#invitation=")[2]


def told(answer: httpx.Response) -> dict[str, str]:
    """What the page is told, behind the # of the address that the browser is sent to."""
    assert answer.status_code == 303
    path, _, fragment = answer.headers["location"].partition("#")
    assert path == "/enroll"
    return {name: values[0] for name, values in parse_qs(fragment).items()}


@pytest.fixture
async def people(vacant_stage: Stage, tmp_path: Path) -> AsyncIterator[People]:
    async with logging_in() as (tenant, login), opened(vacant_stage, tmp_path, login=login) as door:
        tenant.user = vacant_stage.user("auth0|ada")
        yield People(door, tenant, login)


async def test_an_invited_user_logs_in_and_is_enrolled_and_the_token_never_comes_to_the_browser(
    stage: Stage, people: People
) -> None:
    started = await people.invite()
    assert (started["flow_token"], started["view"]["phase"]) == (None, "waiting_for_token")

    answer = await people.log_in(started["link"]["url"])

    assert ACCESS_TOKEN not in answer.text + str(answer.headers)
    browser = bearer(told(answer)["token"])
    await stage.message(started["flow_id"], 1)
    code = {"code": RIGHT_CODE}
    verdict = await people.door.anybody.post(f"/v1/flows/{started['flow_id']}/binding-code", json=code, headers=browser)
    assert verdict.json()["verdict"] == "accepted"
    assert (await stage.flows.result(started["flow_id"])).outcome is Outcome.ENROLLED
    used = stage.auth0.last(Associate)
    assert isinstance(used, Associate) and reveal(used.token) == ACCESS_TOKEN


async def test_the_login_page_is_asked_for_what_the_flow_needs(stage: Stage, people: People) -> None:
    started = await people.invite()

    url = (await people.begin(started["link"]["url"])).json()["url"]

    asked = asked_in(url)
    assert url.startswith(f"{people.tenant.address}/authorize?")
    assert asked["audience"] == f"{people.tenant.address}/mfa/"
    assert asked["scope"] == "openid email enroll read:authenticators remove:authenticators"
    expected = {"response_type": "code", "client_id": CLIENT_ID, "max_age": "900", "code_challenge_method": "S256"}
    assert expected.items() <= asked.items()
    assert "prompt" not in asked
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


async def test_the_application_authenticates_and_proves_that_it_began_the_login(stage: Stage, people: People) -> None:
    await people.log_in((await people.invite())["link"]["url"])

    asked = people.tenant.asked[0]
    assert (asked["grant_type"], asked["client_id"], asked["client_secret"]) == (
        "authorization_code",
        CLIENT_ID,
        SECRET,
    )
    assert len(asked["code_verifier"]) >= 43


async def test_a_link_tells_neither_user_nor_number(stage: Stage, people: People) -> None:
    link = (await people.invite())["link"]["url"]

    claims = jwt.decode(token_in(link), options={"verify_signature": False})

    assert set(claims) == {"iss", "aud", "sub", "run", "number", "iat", "exp", "key"}
    assert not any(secret in json.dumps(claims) for secret in ("|ada", "+1555", "auth0"))  # ids are hex and base32


async def test_a_link_ends_with_its_flow(stage: Stage, people: People) -> None:
    started = await people.invite(flow_seconds=600)

    assert started["link"]["expires_at"][:19] == started["view"]["flow_expires_at"][:19]


async def test_who_logs_in_as_somebody_else_gets_nothing(stage: Stage, people: People) -> None:
    started = await people.invite()
    people.tenant.user = "auth0|eve"

    answer = await people.log_in(started["link"]["url"])

    assert told(answer) == {"login": "other-user", "flow": started["flow_id"]}
    assert not stage.auth0.heard
    again = (await people.begin(started["link"]["url"], other_user=True)).json()["url"]
    assert asked_in(again)["prompt"] == "login"


async def test_a_link_works_twice_and_each_time_it_takes_a_login(stage: Stage, people: People) -> None:
    started = await people.invite()
    first = told(await people.log_in(started["link"]["url"]))
    second = told(await people.log_in(started["link"]["url"]))

    assert first["token"] and second["token"]
    assert len(people.tenant.asked) == 2


async def test_two_tabs_have_two_logins(stage: Stage, people: People) -> None:
    started = await people.invite()
    urls = [(await people.begin(started["link"]["url"])).json()["url"] for _ in range(2)]

    answers = [told(await people.come_back(url)) for url in urls]

    assert all("token" in answer for answer in answers)


async def test_a_callback_is_of_use_once(stage: Stage, people: People) -> None:
    url = (await people.begin((await people.invite())["link"]["url"])).json()["url"]
    assert "token" in told(await people.come_back(url))

    assert told(await people.come_back(url)) == {"login": "unknown"}


async def test_a_cookie_that_is_kept_makes_the_gateway_ask_auth0_a_few_times_only(
    vacant_stage: Stage, stage: Stage, tmp_path: Path
) -> None:
    async with logging_in() as (tenant, login), opened(vacant_stage, tmp_path, login=login, flow="4/minute") as door:
        people = People(door, tenant, login)
        tenant.user = stage.user("auth0|ada")
        begun = await people.begin((await people.invite())["link"]["url"])
        query = {"code": "guessed", "state": asked_in(begun.json()["url"])["state"]}
        cookie = {"Cookie": begun.headers["set-cookie"].partition(";")[0]}

        for _ in range(8):
            door.anybody.cookies.clear()
            answer = await door.anybody.get("/login/callback", params=query, headers=cookie)
            assert told(answer)["login"] == "failed"

        assert len(tenant.asked) == 3  # and one to begin


async def test_a_callback_in_another_browser_is_of_no_use(stage: Stage, people: People) -> None:
    url = (await people.begin((await people.invite())["link"]["url"])).json()["url"]
    people.door.anybody.cookies.clear()

    assert told(await people.come_back(url)) == {"login": "unknown"}
    assert not people.tenant.asked


@pytest.mark.parametrize("state", ["", "x", "x" * 5000, "é"])
async def test_a_callback_with_another_state_is_of_no_use(stage: Stage, people: People, state: str) -> None:
    url = (await people.begin((await people.invite())["link"]["url"])).json()["url"]

    answer = await people.come_back(url, state=state)

    assert told(answer) == {"login": "unknown"}
    assert not people.tenant.asked


@pytest.mark.parametrize("name", ["code", "iss", "error"])
async def test_a_callback_with_too_much_in_it_sends_the_person_back_to_the_page(
    stage: Stage, people: People, name: str
) -> None:
    url = (await people.begin((await people.invite())["link"]["url"])).json()["url"]

    assert told(await people.come_back(url, **{name: "x" * 5000}))["login"] == "failed"


async def test_the_cookie_of_one_login_is_none_of_another(stage: Stage, people: People) -> None:
    link, jar = (await people.invite())["link"]["url"], people.door.anybody.cookies
    first = asked_in((await people.begin(link)).json()["url"])["state"]
    url = (await people.begin(link)).json()["url"]
    names = {state: people.login.cookies.name(state) for state in (first, asked_in(url)["state"])}
    value = jar[names[first]]
    jar.clear()
    jar.set(names[asked_in(url)["state"]], value, domain="127.0.0.1", path="/login")
    assert told(await people.come_back(url)) == {"login": "unknown"}


async def test_the_cookie_is_sealed_and_kept_from_scripts_and_other_sites(stage: Stage, people: People) -> None:
    answer = await people.begin((await people.invite())["link"]["url"])

    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/login", "Max-Age=600"))
    header = cookie.partition("=")[2].split(".")[0]
    assert set(json.loads(urlsafe_b64decode(header + "=="))) == {"alg", "enc", "kid"}
    assert asked_in(answer.json()["url"])["nonce"] not in cookie


async def test_a_code_of_somebody_elses_login_is_of_no_use(stage: Stage, people: People) -> None:
    """Code injection: the verifier is in the cookie of the browser that began the login."""
    started = await people.invite()
    theirs = people.tenant.authorizes((await people.begin(started["link"]["url"])).json()["url"])
    url = (await people.begin(started["link"]["url"])).json()["url"]

    answer = await people.come_back(url, code=theirs)

    assert told(answer) == {"login": "failed", "flow": started["flow_id"]}
    assert not stage.auth0.heard


async def test_an_answer_of_another_issuer_is_refused(stage: Stage, people: People) -> None:
    """Mix-up (RFC 9207)."""
    started = await people.invite()
    url = (await people.begin(started["link"]["url"])).json()["url"]

    answer = await people.come_back(url, iss="https://evil.example.com/")

    assert told(answer)["login"] == "failed"
    assert not people.tenant.asked


async def test_the_own_issuer_is_fine(stage: Stage, people: People) -> None:
    url = (await people.begin((await people.invite())["link"]["url"])).json()["url"]

    assert "token" in told(await people.come_back(url, iss=f"{people.tenant.address}/"))


NOT_OURS: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another-application"},
    {"aud": [CLIENT_ID, "another-application"]},
    {"azp": "another-application"},
    {"iss": "https://evil.example.com/"},
    {"iss": None},
    {"exp": 1},
    {"exp": None},
    {"iat": None},
    {"iat": 9_999_999_999},
    {"auth_time": 1},
    {"auth_time": None},
    {"auth_time": "now"},
    {"sub": None},
    {"sub": ["auth0|ada"]},
]


@pytest.mark.parametrize("claims", NOT_OURS, ids=str)
async def test_an_id_token_that_is_not_for_this_login_is_refused(
    stage: Stage, people: People, claims: dict[str, Any]
) -> None:
    started = await people.invite()
    people.tenant.claims = claims

    answer = await people.log_in(started["link"]["url"])

    assert told(answer) == {"login": "failed", "flow": started["flow_id"]}
    assert not stage.auth0.heard


@pytest.mark.parametrize("skew", [-50, 50])
async def test_clocks_may_differ_by_a_minute(stage: Stage, people: People, skew: int) -> None:
    now = int(time.time()) + skew
    people.tenant.claims = {"iat": now, "auth_time": now, "exp": now + 300}

    assert "token" in told(await people.log_in((await people.invite())["link"]["url"]))


async def test_an_id_token_that_is_signed_with_the_secret_is_refused(stage: Stage, people: People) -> None:
    people.tenant.signing, people.tenant.algorithm = SECRET.ljust(32, "x"), "HS256"

    assert told(await people.log_in((await people.invite())["link"]["url"]))["login"] == "failed"


async def test_an_id_token_of_an_unknown_key_is_refused(stage: Stage, people: People) -> None:
    people.tenant.header = {"kid": "another"}

    assert told(await people.log_in((await people.invite())["link"]["url"]))["login"] == "failed"


@pytest.mark.parametrize(
    "tokens", [{"id_token": None}, {"access_token": None}, {"scope": "openid email"}, {"scope": ""}], ids=str
)
async def test_tokens_that_do_not_serve_are_refused(stage: Stage, people: People, tokens: dict[str, Any]) -> None:
    people.tenant.tokens = tokens

    assert told(await people.log_in((await people.invite())["link"]["url"]))["login"] == "failed"
    assert not stage.auth0.heard


@pytest.mark.parametrize(("error", "shown"), [("access_denied", "declined"), ("server_error", "failed")])
async def test_who_declines_is_told_so(stage: Stage, people: People, error: str, shown: str) -> None:
    started = await people.invite()
    url = (await people.begin(started["link"]["url"])).json()["url"]
    state = asked_in(url)["state"]

    answer = await people.door.anybody.get("/login/callback", params={"error": error, "state": state})

    assert told(answer) == {"login": shown, "flow": started["flow_id"]}


async def test_while_auth0_is_down_the_link_says_so_and_works_afterwards(stage: Stage, people: People) -> None:
    link = (await people.invite())["link"]["url"]
    people.tenant.down = True

    assert problem_in(await people.begin(link)) == "login-unavailable"
    people.tenant.down = False
    assert "token" in told(await people.log_in(link))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_code_that_auth0_cannot_take_now_says_so(stage: Stage, people: People, status: int) -> None:
    people.tenant.status = status

    assert told(await people.log_in((await people.invite())["link"]["url"]))["login"] == "unavailable"


async def test_metadata_of_another_tenant_is_not_followed(stage: Stage, people: People) -> None:
    people.tenant.metadata = {"token_endpoint": "https://evil.example.com/oauth/token"}

    assert problem_in(await people.begin((await people.invite())["link"]["url"])) == "login-unavailable"


async def test_a_login_that_ran_out_in_the_flow_is_made_again_and_the_flow_goes_on(
    stage: Stage, people: People
) -> None:
    started = await people.invite()
    flow, browser = started["flow_id"], bearer(told(await people.log_in(started["link"]["url"]))["token"])
    await stage.message(flow, 1)
    await stage.later(flow, minutes=11)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    people.tenant.tokens = {"access_token": "a.second.token"}

    url = (await people.door.anybody.post(f"/v1/flows/{flow}/login", headers=browser)).json()["url"]
    assert "token" in told(await people.come_back(url))

    await stage.message(flow, 2)
    used = stage.auth0.last(Associate)
    assert isinstance(used, Associate) and reveal(used.token) == "a.second.token"


async def test_while_auth0_is_down_a_login_in_the_flow_says_so_and_the_flow_waits(stage: Stage, people: People) -> None:
    started = await people.invite()
    flow, browser = started["flow_id"], bearer(told(await people.log_in(started["link"]["url"]))["token"])
    await stage.message(flow, 1)
    await stage.later(flow, minutes=11)
    people.tenant.down, people.tenant.status = True, 503

    url = (await people.door.anybody.post(f"/v1/flows/{flow}/login", headers=browser)).json()["url"]
    answer = await people.come_back(url)

    assert told(answer) == {"login": "unavailable", "flow": flow}
    assert (await stage.phase(flow, Phase.WAITING_FOR_TOKEN)).outcome is None
    people.tenant.down, people.tenant.status, people.tenant.tokens = False, 200, {"access_token": "a.second.token"}
    url = (await people.door.anybody.post(f"/v1/flows/{flow}/login", headers=browser)).json()["url"]
    assert "token" in told(await people.come_back(url))
    await stage.message(flow, 2)


async def test_the_login_page_is_told_the_users_name_if_the_service_knows_it(stage: Stage, people: People) -> None:
    started = await people.invite(login_hint="ada@example.com")
    link = started["link"]["url"]
    other = {"login_hint": "ada@example.net"}
    reminder = await people.door.service.post(f"/v1/flows/{started['flow_id']}/invitation", json=other)

    assert asked_in((await people.begin(link)).json()["url"])["login_hint"] == "ada@example.com"
    assert asked_in((await people.begin(reminder.json()["url"])).json()["url"])["login_hint"] == "ada@example.net"
    assert "login_hint" not in asked_in((await people.begin(link, other_user=True)).json()["url"])


@pytest.mark.parametrize(
    ("email", "hint"), [("ada@example.com", "ada@example.com"), (None, "ada"), (7, "ada"), ("a" * 255, "ada")], ids=str
)
async def test_a_second_login_in_a_flow_names_who_logged_in_first(
    stage: Stage, people: People, email: Any, hint: str
) -> None:
    people.tenant.claims = {"email": email}
    started = await people.invite(login_hint="ada")
    token = told(await people.log_in(started["link"]["url"]))["token"]

    again = await people.door.anybody.post(f"/v1/flows/{started['flow_id']}/login", headers=bearer(token))

    assert asked_in(again.json()["url"])["login_hint"] == hint


async def test_nothing_in_link_or_flow_token_tells_the_users_name(stage: Stage, people: People) -> None:
    started = await people.invite(login_hint="ada@example.com")
    token = told(await people.log_in(started["link"]["url"]))["token"]

    for text in (token_in(started["link"]["url"]), token):
        assert "ada" not in json.dumps(jwt.decode(text, options={"verify_signature": False}))


async def test_a_link_of_a_flow_that_is_over_says_so(stage: Stage, people: People) -> None:
    started = await people.invite()
    url = (await people.begin(started["link"]["url"])).json()["url"]
    await stage.flows.cancel(started["flow_id"])
    await stage.flows.result(started["flow_id"])

    assert problem_in(await people.begin(started["link"]["url"])) == "flow-over"
    assert told(await people.come_back(url)) == {"login": "over", "flow": started["flow_id"]}


async def test_a_link_is_not_for_the_users_next_flow(stage: Stage, people: People) -> None:
    started = await people.invite()
    await stage.flows.cancel(started["flow_id"])
    await stage.flows.result(started["flow_id"])
    again = await people.invite()

    assert again["flow_id"] == started["flow_id"]
    assert problem_in(await people.begin(started["link"]["url"])) in ("flow-over", "invitation-unusable")


async def test_revoked_links_are_of_no_use_and_new_ones_are(stage: Stage, people: People) -> None:
    started = await people.invite()
    flow, link = started["flow_id"], started["link"]["url"]
    url = (await people.begin(link)).json()["url"]

    assert (await people.door.service.delete(f"/v1/flows/{flow}/invitation")).status_code == 204

    assert problem_in(await people.begin(link)) == "invitation-unusable"
    assert told(await people.come_back(url)) == {"login": "unusable", "flow": flow}
    new = (await people.door.service.post(f"/v1/flows/{flow}/invitation")).json()["url"]
    assert "token" in told(await people.log_in(new))


async def test_a_link_ends_with_the_api_key_it_was_issued_for(stage: Stage, people: People) -> None:
    link = (await people.invite())["link"]["url"]

    revoke_key(people.door.key_file, "onboarding")

    async def refused() -> bool:
        return (await people.begin(link)).status_code == 410

    await stage.eventually(refused)  # the file is looked at once a second


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "x" * 5000])
async def test_another_text_is_no_link(stage: Stage, people: People, text: str) -> None:
    answer = await people.door.anybody.post("/v1/logins", json={"invitation": text})

    assert problem_in(answer) in ("invitation-unusable", "bad-input")


async def test_a_flow_token_is_no_link_and_a_link_is_no_flow_token(stage: Stage, people: People) -> None:
    started = await people.invite()
    link = started["link"]["url"]
    token = told(await people.log_in(link))["token"]

    assert problem_in(await people.door.anybody.post("/v1/logins", json={"invitation": token})) == "invitation-unusable"
    answer = await people.door.anybody.get(f"/v1/flows/{started['flow_id']}", headers=bearer(token_in(link)))
    assert problem_in(answer) == "unauthorized"


async def test_nobody_gets_a_flow_token_of_an_invited_user_without_a_login(stage: Stage, people: People) -> None:
    """Else who made the service invite somebody, with a number of their own, could type the code that comes to it."""
    started = await people.invite()

    answer = await people.door.service.post(f"/v1/flows/{started['flow_id']}/token")

    assert problem_in(answer) == "login-required"


async def test_inviting_the_same_user_again_finds_the_flow_and_its_link(stage: Stage, people: People) -> None:
    first = await people.invite()
    second = await people.invite()
    told_token = told(await people.log_in(second["link"]["url"]))
    third = await people.invite()  # attaches though the user has logged in: nobody gets a token by that

    assert (first["attached"], second["attached"], third["attached"]) == (False, True, True)
    assert first["run_id"] == second["run_id"] == third["run_id"]
    assert "token" in told_token


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"invite": True}, "invite"),
        ({"invite": "yes", "mfa_token": None}, "invite"),
        ({"invited": True}, "invited"),
        ({"return_to": "https://evil.example.com/"}, "return_to"),
        ({"return_to": f"{ORIGIN}@evil.example.com/"}, "return_to"),
        ({"return_to": f"{ORIGIN}\\@evil.example.com/"}, "return_to"),
        ({"return_to": f"{ORIGIN}.evil.example.com/"}, "return_to"),
        ({"return_to": "javascript:alert(1)//"}, "return_to"),
        ({"return_to": "//evil.example.com/"}, "return_to"),
        ({"return_to": f" {ORIGIN}/"}, "return_to"),
        ({"return_to": f"{ORIGIN}/#fragment"}, "return_to"),
        ({"return_state": "a"}, "return_state"),
        ({"login_hint": "ada@example.com"}, "invite"),
        ({"login_hint": "", "invite": True, "mfa_token": None}, "login_hint"),
        ({"login_hint": "ada\nexample.com", "invite": True, "mfa_token": None}, "login_hint"),
        ({"login_hint": "a" * 255, "invite": True, "mfa_token": None}, "login_hint"),
        ({"login_hint": "é" * 128, "invite": True, "mfa_token": None}, "login_hint"),
        ({"return_to": f"{ORIGIN}/", "return_state": "é"}, "return_state"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_by_name(people: People, body: dict[str, Any], field: str) -> None:
    answer = await people.door.enroll(**body)

    assert (answer.status_code, answer.json().get("field") or answer.json()["detail"][: len(field)]) == (422, field)


async def test_where_the_user_returns_to_travels_with_link_and_token(stage: Stage, people: People) -> None:
    back = {"return_to": f"{ORIGIN}/done?a=1", "return_state": "a b&c"}
    started = await people.invite(**back)

    token = told(await people.log_in(started["link"]["url"]))["token"]

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["back"] == {"to": back["return_to"], "state": back["return_state"]}


async def test_a_gateway_without_a_login_issues_no_links(stage: Stage, door: Door) -> None:
    answer = await door.enroll(mfa_token=None, invite=True)

    assert problem_in(answer) == "login-not-enabled"
    assert not stage.played


async def test_a_flow_that_was_not_invited_has_no_link(stage: Stage, people: People) -> None:
    flow, browser = await people.door.enrolling()

    for answer in (
        await people.door.service.post(f"/v1/flows/{flow}/invitation"),
        await people.door.service.delete(f"/v1/flows/{flow}/invitation"),
        await people.door.anybody.post(f"/v1/flows/{flow}/login", headers=browser),
    ):
        assert problem_in(answer) == "not-invited"


async def test_logins_are_counted(stage: Stage, people: People) -> None:
    await people.log_in((await people.invite())["link"]["url"])

    text = (await people.door.anybody.get("/metrics")).text

    for line in ('gateway_links_total{event="issued"} 1.0', 'gateway_logins_total{result="ok"} 1.0'):
        assert line in text


async def test_users_may_be_named_by_their_verified_address(vacant_stage: Stage, stage: Stage, tmp_path: Path) -> None:
    async with (
        logging_in(user_claim="email") as (tenant, login),
        opened(vacant_stage, tmp_path, login=login) as door,
    ):
        people = People(door, tenant, login)
        address = f"{uuid.uuid4()}@example.com"
        tenant.claims = {"email": address}
        link = (await people.invite(address))["link"]["url"]
        assert "token" in told(await people.log_in(link))
        tenant.claims |= {"email_verified": False}
        assert told(await people.log_in(link))["login"] == "not-verified"


async def test_users_of_another_organization_are_refused(vacant_stage: Stage, stage: Stage, tmp_path: Path) -> None:
    async with (
        logging_in(organization="org_1") as (tenant, login),
        opened(vacant_stage, tmp_path, login=login) as door,
    ):
        people = People(door, tenant, login)
        tenant.user = stage.user("auth0|ada")
        link = (await people.invite())["link"]["url"]
        tenant.claims = {"org_id": "org_2"}
        assert told(await people.log_in(link))["login"] == "failed"
        tenant.claims = {"org_id": "org_1"}
        url = (await people.begin(link)).json()["url"]
        assert asked_in(url)["organization"] == "org_1"
        assert "token" in told(await people.come_back(url))
