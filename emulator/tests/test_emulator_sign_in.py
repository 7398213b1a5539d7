"""Sign-in by redirect: `/authorize`, the login page, and the code at the end."""

import html
import re

import pytest

from emulator.tests.signing_in import CALLBACK, CLIENT, Browser, callback, claims, error, screen
from emulator.tests.visitor import PASSWORD, Person, bearer, refusal

API = "https://api.example.com"
LOST = "The login has expired, or it was started in another browser."
INVALID_CODE = (403, "invalid_grant", "Invalid authorization code")


@pytest.fixture
async def web(browser_of_web: Browser) -> Browser:
    await browser_of_web.visitor.switch(mfa_required=False)
    return browser_of_web


@pytest.fixture
async def person(web: Browser) -> Person:
    return await web.visitor.person()


async def test_a_user_logs_in_with_a_password_and_the_application_gets_tokens(web: Browser, person: Person) -> None:
    page = await web.open(nonce="n1", scope="openid email offline_access", login_hint="ada@example.com")
    assert (screen(page), page.status_code, 'value="ada@example.com"' in page.text) == ("login", 200, True)
    told = callback(await web.send(page, username=person.email, password=PASSWORD))
    assert list(told) == ["code", "state"]
    answer = (await web.exchange(told["code"])).json()
    assert set(answer) == {"access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type"}
    identity = claims(answer["id_token"])
    assert (identity["sub"], identity["aud"], identity["nonce"]) == (person.user_id, "web", "n1")
    assert identity["sid"]
    assert not {"auth_time", "amr", "acr"} & identity.keys()
    assert await web.visitor.events(person) == ["s", "seacft"]


async def test_a_renewed_id_token_is_of_the_same_session(web: Browser, person: Person) -> None:
    page = await web.open(nonce="n1", scope="openid offline_access", max_age="60")
    tokens = (
        await web.exchange(callback(await web.send(page, username=person.email, password=PASSWORD))["code"])
    ).json()
    await web.visitor.advance(10)
    for rotation in ("non-rotating", "rotating", "rotating"):
        rules = {"rotation_type": rotation, "expiration_type": "expiring"}
        await web.visitor.control("POST", "clients", {"client_id": "web", "refresh_token": rules})
        before = claims(tokens["id_token"])
        refresh = CLIENT | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        tokens = (await web.visitor.http.post("/oauth/token", data=refresh)).json()
        renewed = claims(tokens["id_token"])
        assert (renewed["sid"], renewed["auth_time"]) == (before["sid"], before["auth_time"])
        assert "nonce" not in renewed


async def test_a_wrong_password_is_told_and_can_be_corrected(web: Browser, person: Person) -> None:
    wrong = await web.send(await web.open(), username=person.email, password="wrong")
    assert (wrong.status_code, error(wrong)) == (400, "Wrong email or password.")
    assert f'value="{person.email}"' in wrong.text
    assert callback(await web.send(wrong, username=person.email, password=PASSWORD))["code"]
    assert await web.visitor.events(person) == ["fp", "s"]


async def test_ten_wrong_passwords_block_the_page_as_they_block_the_password_grant(
    web: Browser, person: Person
) -> None:
    page = await web.open()
    for _ in range(10):
        await web.send(page, username=person.email, password="wrong")
    blocked = await web.send(page, username=person.email, password=PASSWORD)
    assert error(blocked).startswith("Your account has been blocked after multiple consecutive login attempts.")
    assert (await web.visitor.login(person)).status_code == 429
    assert (await web.visitor.events(person))[-1] == "limit_wc"


async def test_too_many_logins_are_refused_on_the_page(web: Browser, person: Person) -> None:
    await web.visitor.switch(logins={"burst": 1, "per_seconds": 60})
    page = await web.open()
    await web.send(page, username=person.email, password="wrong")
    refused = await web.send(page, username=person.email, password=PASSWORD)
    assert error(refused) == "Too many login attempts. Try again later."


async def test_an_unknown_user_is_told_no_more_than_a_wrong_password(web: Browser) -> None:
    page = await web.send(await web.open(), username="nobody@example.com", password="x")
    assert error(page) == "Wrong email or password."


async def test_a_blocked_user_returns_to_the_application(web: Browser) -> None:
    person = await web.visitor.person(blocked=True)
    told = callback(await web.login(person))
    assert told == {"error": "unauthorized", "error_description": "user is blocked", "state": "s1"}
    assert await web.visitor.events(person) == ["f"]


async def test_a_session_saves_the_next_login(web: Browser, person: Person) -> None:
    first = claims((await _exchanged(web, callback(await web.login(person))))["id_token"])
    second = claims((await _exchanged(web, callback(await web.open())))["id_token"])
    assert second["sid"] == first["sid"]
    silent = claims((await _exchanged(web, callback(await web.open(prompt="none"))))["id_token"])
    assert silent["sid"] == first["sid"]
    assert await web.visitor.events(person) == ["s", "seacft", "s", "seacft", "ssa", "seacft"]


@pytest.mark.parametrize("cookie", ["auth0", "auth0_compat"])
async def test_either_cookie_carries_the_session(web: Browser, person: Person, cookie: str) -> None:
    await web.login(person)
    value = web.http.cookies[cookie]
    web.http.cookies.clear()
    web.http.cookies.set(cookie, value)
    assert "code" in callback(await web.open(prompt="none"))


async def test_cookies_are_hidden_from_scripts(web: Browser, person: Person) -> None:
    page = await web.open()
    answer = await web.http.post(page.request.url, data={"username": person.email, "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"auth0", "auth0_compat"}
    assert all("HttpOnly" in cookie and "Path=/" in cookie for cookie in cookies)
    assert not any("Secure" in cookie or "SameSite" in cookie for cookie in cookies)


async def test_prompt_login_and_max_age_ask_again_and_tell_when(web: Browser, person: Person) -> None:
    await web.login(person)
    await web.visitor.advance(100)
    assert "code" in callback(await web.open(max_age="200"))
    assert screen(await web.open(max_age="50")) == "login"
    assert screen(await web.open(max_age="0")) == "login"
    told = callback(await web.open(prompt="none", max_age="50"))
    assert told["error"] == "login_required"
    now = await web.visitor.now()
    identity = claims((await _exchanged(web, callback(await web.login(person, prompt="login"))))["id_token"])
    assert abs(int(str(identity["auth_time"])) - now) <= 2


async def test_prompt_select_account_is_ignored(web: Browser, person: Person) -> None:
    await web.login(person)
    assert "code" in callback(await web.open(prompt="select_account", ui_locales="de", screen_hint="signup"))


@pytest.mark.parametrize(("name", "seconds"), [("idle_session_seconds", 259_200), ("session_seconds", 604_800)])
async def test_a_session_ends(web: Browser, person: Person, name: str, seconds: int) -> None:
    other = {"idle_session_seconds": "session_seconds", "session_seconds": "idle_session_seconds"}[name]
    await web.visitor.switch(**{other: 31_536_000})
    await web.login(person)
    await web.visitor.advance(seconds - 60)
    assert "code" in callback(await web.open(prompt="none"))
    await web.visitor.advance(61 if name == "session_seconds" else seconds)
    assert callback(await web.open(prompt="none"))["error"] == "login_required"


async def test_a_page_expires(web: Browser, person: Person) -> None:
    page = await web.open()
    await web.visitor.advance(601)
    late = await web.send(page, username=person.email, password=PASSWORD)
    assert (late.status_code, LOST in late.text) == (400, True)


async def test_a_page_belongs_to_the_browser_that_opened_it(web: Browser, person: Person) -> None:
    page = await web.open()
    web.http.cookies.clear()
    stolen = await web.send(page, username=person.email, password=PASSWORD)
    assert (stolen.status_code, LOST in stolen.text) == (400, True)
    assert (await web.http.get(page.request.url)).status_code == 400


async def test_a_finished_sign_in_cannot_be_submitted_again(web: Browser, person: Person) -> None:
    page = await web.open()
    callback(await web.send(page, username=person.email, password=PASSWORD))
    assert (await web.send(page, username=person.email, password=PASSWORD)).status_code == 400


async def test_a_page_of_another_step_leads_to_the_right_one(web: Browser) -> None:
    page = await web.open()
    other = str(page.request.url).replace("/u/login", "/u/consent")
    assert screen(await web.followed(await web.http.get(other))) == "login"
    assert screen(await web.followed(await web.http.post(other, data={"action": "accept"}))) == "login"


async def test_a_code_works_once_and_not_for_long(web: Browser, person: Person) -> None:
    code = callback(await web.login(person))["code"]
    assert (await web.exchange(code)).status_code == 200
    assert refusal(await web.exchange(code)) == INVALID_CODE
    late = callback(await web.open())["code"]
    await web.visitor.advance(601)
    assert refusal(await web.exchange(late)) == INVALID_CODE
    assert (await web.visitor.control("GET", "logs?type=feacft"))[-1]["client_id"] == "web"


async def test_how_long_a_code_works_is_a_setting(web: Browser, person: Person) -> None:
    await web.visitor.switch(authorization_code_seconds=30)
    in_time, late = [callback(answer)["code"] for answer in (await web.login(person), await web.open())]
    await web.visitor.advance(29)
    assert (await web.exchange(in_time)).status_code == 200
    await web.visitor.advance(2)
    assert refusal(await web.exchange(late))[:2] == (403, "invalid_grant")


async def test_a_code_is_for_its_application(web: Browser, person: Person) -> None:
    code = callback(await web.login(person))["code"]
    other = await web.exchange(code, client_id="emulator-client", client_secret="emulator-secret")
    assert refusal(other) == INVALID_CODE
    assert (await web.exchange(code)).status_code == 200


async def test_a_replayed_code_may_revoke_the_tokens(web: Browser, person: Person) -> None:
    await web.visitor.switch(code_reuse_revokes_tokens=True)
    code = callback(await web.login(person, scope="openid offline_access"))["code"]
    token = (await web.exchange(code)).json()["refresh_token"]
    refresh = CLIENT | {"grant_type": "refresh_token", "refresh_token": token}
    assert (await web.visitor.http.post("/oauth/token", data=refresh)).status_code == 200
    await web.exchange(code)
    assert (await web.visitor.http.post("/oauth/token", data=refresh)).status_code == 403


async def test_a_replayed_code_revokes_what_its_tokens_were_rotated_into(web: Browser, person: Person) -> None:
    await web.visitor.switch(code_reuse_revokes_tokens=True)
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring"}
    await web.visitor.control("POST", "clients", CLIENT | {"callbacks": [CALLBACK], "refresh_token": rotating})
    code = callback(await web.login(person, scope="openid offline_access"))["code"]
    refresh = CLIENT | {"grant_type": "refresh_token"}
    first = (await web.exchange(code)).json()["refresh_token"]
    second = (await web.visitor.http.post("/oauth/token", data=refresh | {"refresh_token": first})).json()[
        "refresh_token"
    ]
    assert second != first

    await web.exchange(code)

    assert (await web.visitor.http.post("/oauth/token", data=refresh | {"refresh_token": second})).status_code == 403


async def test_an_authorization_request_has_a_length(web: Browser) -> None:
    answer = await web.open(state="s" * 17_000)
    assert (answer.status_code, "too long" in answer.text) == (400, True)


async def test_a_verifier_may_be_plain_or_absent(web: Browser, person: Person) -> None:
    asked = {"code_challenge": web.verifier, "code_challenge_method": "plain"}
    assert (await web.exchange(callback(await web.login(person, **asked))["code"])).status_code == 200
    asked = {"code_challenge": "", "code_challenge_method": ""}
    code = callback(await web.open(**asked))["code"]
    assert (await web.exchange(code, code_verifier="")).status_code == 200


async def test_a_code_may_need_its_redirect_uri(web: Browser, person: Person) -> None:
    code = callback(await web.login(person))["code"]
    assert (await web.exchange(code, redirect_uri="")).status_code == 200
    await web.visitor.switch(code_without_redirect_uri=False)
    missing = await web.exchange(callback(await web.open())["code"], redirect_uri="")
    assert refusal(missing)[1] == "unauthorized_client"
    unnamed = callback(await web.open(redirect_uri=""))["code"]
    assert (await web.exchange(unnamed, redirect_uri="")).status_code == 200


async def test_a_public_application_needs_no_secret(web: Browser, person: Person) -> None:
    await web.visitor.control("POST", "clients", {"client_id": "page", "callbacks": [CALLBACK]})
    code = callback(await web.login(person, client_id="page"))["code"]
    assert (await web.exchange(code, client_id="page", client_secret="")).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "status", "said"),
    [
        ({"client_id": ""}, 400, "Missing required parameter: client_id"),
        ({"client_id": "<b>"}, 400, "Unknown client: <b>"),
        ({"redirect_uri": f"{CALLBACK}/"}, 403, "The provided redirect_uri is not in the list of allowed"),
        ({"redirect_uri": "https://evil.example.com"}, 403, "The provided redirect_uri is not in the list of allowed"),
        ({"redirect_uri": CALLBACK.upper()}, 403, "The provided redirect_uri is not in the list of allowed"),
        ({"response_mode": "<script>"}, 400, "Unsupported response mode: <script>"),
        ({"response_mode": "web_message"}, 403, "does not have a registered origin."),
    ],
)
async def test_without_a_callback_to_trust_a_page_tells_the_error(
    web: Browser, parameters: dict[str, str], status: int, said: str
) -> None:
    page = await web.open(**parameters)
    assert (page.status_code, said in html.unescape(page.text), "location" in page.headers) == (status, True, False)
    assert "<b>" not in page.text
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("parameters", "error", "description"),
    [
        ({"response_type": ""}, "invalid_request", "Missing required parameter: response_type"),
        ({"response_type": "token"}, "unsupported_response_type", "Unsupported response type: token"),
        ({"prompt": "none login"}, "invalid_request", "prompt none cannot be combined with another"),
        ({"max_age": "soon"}, "invalid_request", "max_age must be a number of seconds"),
        ({"code_challenge": "short"}, "invalid_request", "code_challenge must have 43 to 128 characters"),
        ({"code_challenge_method": "S512"}, "invalid_request", "code_challenge_method must be one of: S256, plain"),
        ({"code_challenge": ""}, "invalid_request", "Missing required parameter: code_challenge"),
        ({"audience": API}, "access_denied", f"Service not found: {API}"),
        ({"organization": "o"}, "invalid_request", "parameter organization is not allowed for this client"),
        ({"request_uri": "urn:x"}, "request_uri_not_supported", "The emulator does not support request_uri."),
    ],
)
async def test_other_errors_go_to_the_callback(
    web: Browser, parameters: dict[str, str], error: str, description: str
) -> None:
    told = callback(await web.open(**parameters))
    assert told == {"error": error, "error_description": description, "state": "s1"}


async def test_an_application_without_the_grant_gets_no_code(web: Browser) -> None:
    await web.visitor.control("POST", "clients", CLIENT | {"grant_types": ["password"]})
    told = callback(await web.open())
    assert (told["error"], told["error_description"]) == (
        "unauthorized_client",
        "Grant type 'authorization_code' not allowed for the client.",
    )


async def test_an_authorization_request_may_be_posted(web: Browser) -> None:
    form = {"client_id": "web", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
    assert screen(await web.followed(await web.http.post("/authorize", data=form))) == "login"


async def test_responses_come_in_a_fragment_a_form_or_a_message(web: Browser, person: Person) -> None:
    members = CLIENT | {"web_origins": ["https://app.example.com"]}
    await web.visitor.control("POST", "clients", members)
    await web.login(person)
    fragment = await web.open(response_mode="fragment")
    assert re.fullmatch(rf"{CALLBACK}#code=[\w-]+&state=s1", fragment.headers["location"])
    form = await web.open(response_mode="form_post", state='"><script>alert(1)</script>')
    assert f'<form method="post" action="{CALLBACK}">' in form.text
    assert "<script>alert" not in form.text
    message = await web.open(response_mode="web_message", prompt="none", state="</script><script>alert(1)</script>")
    sent = re.search(r"postMessage\((\{.*\}),\"https://app.example.com\"\)", message.text)
    assert sent
    assert "alert(1)" in sent[1]
    assert message.text.count("<script") == 1
    assert "frame-ancestors https://app.example.com" in message.headers["content-security-policy"]


async def test_spaces_around_a_prompt_do_not_count(web: Browser) -> None:
    web.http.cookies.clear()
    assert callback(await web.open(prompt=" none "))["error"] == "login_required"


async def test_the_response_may_name_the_issuer(web: Browser) -> None:
    await web.visitor.switch(authorization_response_iss=True)
    told = callback(await web.open(prompt="none"))
    found = (await web.http.get("/.well-known/openid-configuration")).json()
    assert told["iss"] == found["issuer"]
    assert found["authorization_response_iss_parameter_supported"] is True


async def test_a_token_is_for_the_api_that_was_asked_for(web: Browser, person: Person) -> None:
    api = {"identifier": API, "scopes": ["read:x"], "allow_offline_access": False}
    await web.visitor.switch(apis=[api])
    told = callback(await web.login(person, audience=API, scope="openid read:x offline_access"))
    answer = await _exchanged(web, told)
    userinfo = f"{web.visitor.http.base_url}/userinfo".replace("//userinfo", "/userinfo")
    assert (claims(answer["access_token"])["aud"], answer["scope"]) == ([API, userinfo], "openid read:x")
    assert "refresh_token" not in answer


async def test_a_third_party_application_asks_for_consent_once(web: Browser, person: Person) -> None:
    await web.visitor.control("POST", "clients", CLIENT | {"is_first_party": False})
    page = await web.login(person, scope="openid email")
    assert (screen(page), "<li>email</li>" in page.text) == ("consent", True)
    assert callback(await web.open(prompt="none"))["error"] == "consent_required"
    assert "code" in callback(await web.send(page, action="accept"))
    assert "code" in callback(await web.open(prompt="none", scope="openid email"))
    assert screen(await web.open(scope="openid email profile")) == "consent"
    assert screen(await web.open(scope="openid", prompt="consent")) == "consent"


async def test_a_declined_consent_is_told(web: Browser, person: Person) -> None:
    page = await web.login(person, prompt="consent")
    assert error(await web.send(page)) == "Accept or decline."
    told = callback(await web.send(page, action="decline"))
    assert (told["error"], told["error_description"]) == ("access_denied", "User did not authorize the request")
    await web.visitor.control("POST", "clients", CLIENT | {"is_first_party": False})
    third_party = await web.send(await web.open(), action="decline")
    assert (third_party.status_code, "access_denied" in third_party.text) == (403, True)


async def test_an_api_may_keep_its_consent(web: Browser, person: Person) -> None:
    await web.visitor.switch(apis=[{"identifier": API, "scopes": ["read:x"], "skip_consent": False}])
    page = await web.login(person, audience=API, scope="openid read:x")
    assert (screen(page), "<li>read:x</li>" in page.text, "<li>openid</li>" in page.text) == ("consent", True, False)


async def test_a_loopback_callback_is_confirmed_after_a_login_without_any_page(web: Browser, person: Person) -> None:
    local = "http://localhost:5000/cb"
    await web.visitor.control("POST", "clients", CLIENT | {"callbacks": [local]})
    assert (await web.login(person, redirect_uri=local)).headers["location"].startswith(local)
    page = await web.open(redirect_uri=local)
    assert (screen(page), "<li>" in page.text) == ("consent", False)
    assert (await web.send(page, action="accept")).headers["location"].startswith(local)
    silent = await web.open(redirect_uri=local, prompt="none")
    assert "code=" in silent.headers["location"]
    await web.visitor.switch(callback_confirmation=False)
    assert (await web.open(redirect_uri=local)).headers["location"].startswith(local)


async def test_a_loopback_callback_may_bring_consent_back(web: Browser, person: Person) -> None:
    local = "http://127.0.0.1:5000/cb"
    await web.visitor.control("POST", "clients", CLIENT | {"callbacks": [local, CALLBACK]})
    await web.visitor.switch(apis=[{"identifier": API}], consent_on_loopback=True)
    assert screen(await web.login(person, redirect_uri=local, audience=API)) == "consent"
    assert "code" in callback(await web.login(person, audience=API, prompt="login"))


async def test_a_deleted_user_or_application_ends_the_sign_in(web: Browser, person: Person) -> None:
    page = await web.login(person, prompt="consent")
    assert screen(page) == "consent"
    await web.visitor.manage("DELETE", f"users/{person.user_id}")
    assert (await web.send(page, action="accept")).status_code == 400
    assert callback(await web.open(prompt="none"))["error"] == "login_required"
    page = await web.open()
    await web.visitor.manage("DELETE", "clients/web")
    assert (await web.http.get(page.request.url)).status_code == 400


async def test_the_access_token_opens_nothing_of_the_mfa_api(web: Browser, person: Person) -> None:
    answer = await _exchanged(web, callback(await web.login(person)))
    listed = await web.visitor.http.get("/mfa/authenticators", headers=bearer(answer["access_token"]))
    assert listed.status_code == 401


async def _exchanged(web: Browser, told: dict[str, str]) -> dict[str, str]:
    answer = await web.exchange(told["code"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
