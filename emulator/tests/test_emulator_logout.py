"""Logout ends the browser's session, and returns only to addresses that are registered."""

import re

import httpx
import pytest

from emulator.tests.signing_in import CLIENT, Browser, callback, claims, error
from emulator.tests.visitor import PASSWORD, Person

HOME = "https://app.example.com/bye"
TENANT_HOME = "https://example.com"


@pytest.fixture
async def web(browser_of_web: Browser) -> Browser:
    visitor = browser_of_web.visitor
    await visitor.switch(mfa_required=False, allowed_logout_urls=[TENANT_HOME])
    await visitor.control("POST", "clients", CLIENT | {"allowed_logout_urls": [HOME, f"{HOME}/second"]})
    return browser_of_web


@pytest.fixture
async def person(web: Browser) -> Person:
    return await web.visitor.person()


@pytest.fixture
async def id_token(web: Browser, person: Person) -> str:
    """The token of a person who is logged in."""
    answer = await web.exchange(callback(await web.login(person))["code"])
    return str(answer.json()["id_token"])


async def left(web: Browser, path: str = "/v2/logout", **parameters: str) -> httpx.Response:
    return await web.http.get(path, params=parameters)


async def is_out(web: Browser) -> bool:
    return callback(await web.open(prompt="none")).get("error") == "login_required"


async def test_logout_ends_the_session_and_deletes_its_cookies(web: Browser, person: Person, id_token: str) -> None:
    assert not await is_out(web)
    cookies = dict(web.http.cookies)
    answer = await left(web, client_id="web", returnTo=HOME, federated="")
    assert (answer.status_code, answer.headers["location"]) == (302, HOME)
    assert "auth0" not in web.http.cookies
    web.http.cookies.update(cookies)
    assert await is_out(web)
    assert (await web.visitor.events(person))[-1] == "slo"


async def test_a_login_in_another_tab_ends_with_the_session(web: Browser, id_token: str) -> None:
    page = await web.open(prompt="consent")
    await left(web, client_id="web", returnTo=HOME)
    assert (await web.send(page, action="accept")).status_code == 400
    assert await is_out(web)


async def test_the_case_of_the_host_the_query_and_the_fragment_do_not_count(web: Browser) -> None:
    target = "HTTPS://App.Example.com/bye?a=b#c"
    assert (await left(web, client_id="web", returnTo=target)).headers["location"] == target
    assert (await left(web, client_id="web", returnTo=HOME.replace("bye", "Bye"))).status_code == 400


async def test_without_an_address_the_first_of_the_application_is_taken(web: Browser) -> None:
    assert (await left(web, client_id="web")).headers["location"] == HOME
    page = await left(web)
    assert (page.status_code, "You are logged out" in page.text) == (200, True)


async def test_without_an_application_the_addresses_of_the_tenant_count(web: Browser) -> None:
    assert (await left(web, returnTo=TENANT_HOME)).headers["location"] == TENANT_HOME
    assert (await left(web, returnTo=HOME)).status_code == 400
    assert (await left(web, client_id="web", returnTo=TENANT_HOME)).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.com",
        "//evil.example.com",
        f"{HOME}@evil.example.com",
        f"{HOME}\r\nX: y",
        f" {HOME}",
        f"{HOME}?a ",
        "javascript:1",
        "é",
    ],
)
async def test_no_other_address_is_returned_to(web: Browser, id_token: str, target: str) -> None:
    answer = await left(web, client_id="web", returnTo=target)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert not await is_out(web)
    assert (await web.visitor.control("GET", "logs?type=flo"))[0]["details"] == {"error": "invalid_request"}


async def test_an_unknown_application_is_told(web: Browser) -> None:
    assert "Unknown client: &lt;b&gt;" in (await left(web, client_id="<b>")).text


async def test_oidc_logout_takes_the_id_token_as_a_hint(web: Browser, id_token: str) -> None:
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": HOME, "state": "a b&c"}
    answer = await left(web, "/oidc/logout", **asked)
    assert answer.headers["location"] == f"{HOME}?state=a%20b%26c"
    assert await is_out(web)
    again = await left(web, "/oidc/logout", **asked)
    assert again.status_code == 302


async def test_oidc_logout_may_be_posted(web: Browser, id_token: str) -> None:
    form = {"id_token_hint": id_token, "post_logout_redirect_uri": f"{HOME}/second"}
    assert (await web.http.post("/oidc/logout", data=form)).headers["location"] == f"{HOME}/second"
    assert await is_out(web)


async def test_oidc_logout_asks_if_nothing_names_the_session(web: Browser, id_token: str) -> None:
    asked = {"client_id": "web", "post_logout_redirect_uri": HOME, "state": '"><b>'}
    page = await left(web, "/oidc/logout", **asked)
    assert (page.status_code, "Log out of" in page.text, "<b>" in page.text) == (200, True, False)
    assert not await is_out(web)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)) | {"state": "s"}
    answer = await web.http.post("/oidc/logout", data=fields)
    assert answer.headers["location"] == f"{HOME}?state=s"
    assert await is_out(web)


async def test_a_forged_answer_to_the_question_is_asked_again(web: Browser, id_token: str) -> None:
    page = await web.http.post("/oidc/logout", data={"client_id": "web", "confirmed": "yes"})
    assert (page.status_code, await is_out(web)) == (200, False)
    await web.visitor.switch(logout_confirmation=False)
    assert (await web.http.post("/oidc/logout", data={"client_id": "web"})).status_code == 302
    assert await is_out(web)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"id_token_hint": "x.y.z"}, "The id_token_hint is not an id token of this tenant."),
        ({"logout_hint": "other"}, "The logout_hint does not match the id_token_hint."),
        ({"client_id": "emulator-client"}, "The client_id does not match the id_token_hint."),
        ({"post_logout_redirect_uri": "https://evil.example.com"}, "is not defined as a valid URL"),
    ],
)
async def test_hints_that_contradict_each_other_are_refused(
    web: Browser, id_token: str, parameters: dict[str, str], said: str
) -> None:
    page = await left(web, "/oidc/logout", **{"id_token_hint": id_token} | parameters)
    assert (page.status_code, said in page.text, error(page)) == (400, True, "")
    assert not await is_out(web)


async def test_an_access_token_is_no_hint(web: Browser, id_token: str) -> None:
    audience = {"audience": web.visitor.mfa_audience, "scope": "openid enroll"}
    await web.visitor.switch(mfa_consent=False)
    answer = await web.exchange(callback(await web.open(**audience))["code"])
    page = await left(web, "/oidc/logout", id_token_hint=answer.json()["access_token"])
    assert (page.status_code, "is not an id token" in page.text) == (400, True)


async def test_a_hint_of_the_session_id_is_enough(web: Browser, id_token: str) -> None:
    answer = await web.exchange(callback(await web.open())["code"])
    sid = str(claims(answer.json()["id_token"])["sid"])
    assert (await left(web, "/oidc/logout", logout_hint=sid, client_id="web")).headers["location"] == HOME
    assert await is_out(web)


async def test_an_id_token_of_no_session_leaves_it_to_the_logout_hint(
    web: Browser, id_token: str, person: Person
) -> None:
    login = CLIENT | {"grant_type": "password", "username": person.email, "password": PASSWORD, "scope": "openid"}
    other = (await web.visitor.http.post("/oauth/token", data=login)).json()["id_token"]
    assert "sid" not in claims(other)
    await left(web, "/oidc/logout", id_token_hint=other, logout_hint="unknown")
    assert not await is_out(web)
    await left(web, "/oidc/logout", id_token_hint=other, logout_hint=str(claims(id_token)["sid"]))
    assert await is_out(web)
