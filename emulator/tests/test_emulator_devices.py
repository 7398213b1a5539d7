"""A device shows a code, a user confirms it in a browser and signs in, and the device has tokens."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from emulator.tests.signing_in import Browser, claims, error, screen
from emulator.tests.visitor import PASSWORD, Visitor, refusal

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PENDING = (403, "authorization_pending", "User has yet to authorize device code.")
UNKNOWN = (403, "invalid_grant", "Invalid or expired device code.")


@dataclass
class Device:
    """A device whose application is public, and the browser of its user."""

    visitor: Visitor
    browser: Browser

    async def begin(self, **parameters: str) -> dict[str, Any]:
        asked = {"client_id": "tv", "scope": "openid"} | parameters
        answer = await self.visitor.http.post("/oauth/device/code", data=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def poll(self, device: dict[str, Any], **parameters: str) -> httpx.Response:
        await self.visitor.advance(5)
        given = {"client_id": "tv", "grant_type": GRANT, "device_code": device["device_code"]} | parameters
        return await self.visitor.http.post("/oauth/token", data=given)

    async def open(self, path: str) -> httpx.Response:
        return await self.browser.followed(await self.browser.http.get(path))


@pytest.fixture
async def device(visitor: Visitor, address: str) -> AsyncIterator[Device]:
    await visitor.control("POST", "clients", {"client_id": "tv", "grant_types": [GRANT], "app_type": "native"})
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Device(visitor, Browser(visitor, http))


async def test_a_user_confirms_the_code_consents_and_signs_in_with_mfa(device: Device) -> None:
    person = await device.visitor.person()
    await device.visitor.enroll(person)
    begun = await device.begin(audience=device.visitor.mfa_audience, scope="openid enroll")
    assert refusal(await device.poll(begun)) == PENDING

    page = await device.open(begun["verification_uri_complete"])
    assert (screen(page), begun["user_code"] in page.text) == ("device-code-confirmation", True)
    page = await device.browser.send(page, action="confirm")
    page = await device.browser.send(page, username=person.email, password=PASSWORD)
    page = await device.browser.send(page, code=await device.visitor.code(person.number))
    assert screen(page) == "consent"
    assert refusal(await device.poll(begun)) == PENDING
    end = await device.browser.send(page, action="accept")

    assert "Your device is now connected." in end.text
    tokens = (await device.poll(begun)).json()
    assert claims(tokens["access_token"])["aud"] == device.visitor.mfa_audience
    assert claims(tokens["id_token"])["amr"] == ["mfa"]
    assert refusal(await device.poll(begun)) == UNKNOWN
    assert (await device.visitor.events(person))[-1] == "sede"


@pytest.mark.parametrize("typed", ["as shown", "lower", "spaces"])
async def test_a_code_is_typed_as_people_type(device: Device, typed: str) -> None:
    shown = (await device.begin())["user_code"]
    assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", shown)
    forms = {"as shown": shown, "lower": shown.lower(), "spaces": shown.replace("-", " ")}

    page = await device.browser.send(await device.open("/activate"), user_code=forms[typed])

    assert screen(page) == "device-code-confirmation"


@pytest.mark.parametrize("typed", ["", "BCDF-GHJK", "<b>"])
async def test_a_code_that_is_none_is_told(device: Device, typed: str) -> None:
    page = await device.browser.send(await device.open("/activate"), user_code=typed)

    assert (page.status_code, error(page)) == (400, "The code you entered is not valid or has expired.")


async def test_an_expired_code_cannot_be_confirmed_and_is_told_to_the_device_once(device: Device) -> None:
    begun = await device.begin()
    late = await device.begin()
    confirmation = await device.open(late["verification_uri_complete"])
    await device.visitor.advance(900)

    assert error(await device.open(begun["verification_uri_complete"])).startswith("The code you entered is not valid")
    assert (await device.browser.send(confirmation, action="confirm")).status_code == 400  # the visit has expired, too
    assert refusal(await device.poll(begun)) == (403, "expired_token", "device_code is expired")
    assert refusal(await device.poll(begun)) == UNKNOWN


async def test_a_code_that_expires_while_the_user_signs_in_connects_nothing(device: Device) -> None:
    await device.visitor.switch(mfa_required=False, device_code_seconds=60)
    person = await device.visitor.person()
    begun = await device.begin()
    page = await device.browser.send(await device.open(begun["verification_uri_complete"]), action="confirm")
    await device.visitor.advance(60)

    end = await device.browser.send(page, username=person.email, password=PASSWORD)

    assert "The code has expired." in end.text
    assert refusal(await device.poll(begun))[1] == "expired_token"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (["cancel"], "User cancelled the confirmation prompt."),
        (["confirm", "decline"], "User did not authorize the request"),
    ],
)
async def test_who_refuses_is_told_and_so_is_the_device(device: Device, answers: list[str], told: str) -> None:
    await device.visitor.switch(mfa_required=False)
    person = await device.visitor.person()
    begun = await device.begin(audience=device.visitor.mfa_audience, scope="enroll")
    page = await device.browser.send(await device.open(begun["verification_uri_complete"]), action=answers[0])
    if answers[1:]:
        page = await device.browser.send(page, username=person.email, password=PASSWORD)
        page = await device.browser.send(page, action=answers[1])

    assert "Your device is not connected" in page.text
    assert refusal(await device.poll(begun)) == (403, "access_denied", told)
    assert refusal(await device.poll(begun)) == UNKNOWN


async def test_a_browser_that_is_signed_in_needs_no_password_again(device: Device) -> None:
    await device.visitor.switch(mfa_required=False)
    person = await device.visitor.person()
    for first in (True, False):
        begun = await device.begin()
        page = await device.browser.send(await device.open(begun["verification_uri_complete"]), action="confirm")
        if first:
            page = await device.browser.send(page, username=person.email, password=PASSWORD)
        assert "Congratulations" in page.text
        assert (await device.poll(begun)).status_code == 200


async def test_nobody_gets_past_the_confirmation_unasked(device: Device) -> None:
    page = await device.open((await device.begin())["verification_uri_complete"])
    state = page.request.url.params["state"]

    assert screen(await device.open(f"/u/login?state={state}")) == "device-code-confirmation"
    assert error(await device.browser.send(page)) == "Confirm or cancel."
    async with httpx.AsyncClient(base_url=device.browser.http.base_url, trust_env=False) as other:
        assert (await other.post(page.request.url, data={"action": "confirm"})).status_code == 400


@pytest.mark.parametrize("action", ["confirm", "cancel"])
async def test_a_code_is_used_once_and_no_other_browser_changes_what_came_of_it(device: Device, action: str) -> None:
    await device.visitor.switch(mfa_required=False)
    person, other = await device.visitor.person(), await device.visitor.person()
    begun = await device.begin()
    async with httpx.AsyncClient(base_url=device.browser.http.base_url, trust_env=False) as http:
        second = Browser(device.visitor, http)
        late = await second.followed(await http.get(begun["verification_uri_complete"]))
        page = await device.browser.send(await device.open(begun["verification_uri_complete"]), action="confirm")
        await device.browser.send(page, username=person.email, password=PASSWORD)

        late = await second.send(late, action=action)
        if action == "confirm":
            late = await second.send(late, username=other.email, password=PASSWORD)

    assert (late.status_code, "The code has been used." in late.text) == (400, True)
    answer = await device.poll(begun)
    assert claims(answer.json()["id_token"])["sub"] == person.user_id


async def test_a_device_polls_no_code_of_another_application(device: Device) -> None:
    await device.visitor.control("POST", "clients", {"client_id": "other", "grant_types": [GRANT]})

    assert refusal(await device.poll(await device.begin(), client_id="other")) == UNKNOWN


async def test_an_application_with_a_secret_cannot_be_given_the_grant(device: Device) -> None:
    told = f'Application must have Token Endpoint Authentication Method set to "none" when {GRANT} is enabled'
    patched = await device.visitor.manage("PATCH", "clients/emulator-client", {"grant_types": [GRANT]})
    created = await device.visitor.manage("POST", "clients", {"name": "TV", "grant_types": [GRANT]})
    public = {"name": "TV", "grant_types": [GRANT], "token_endpoint_auth_method": "none"}

    assert [(one.status_code, one.json()["message"]) for one in (patched, created)] == [(400, told)] * 2
    assert (await device.visitor.manage("POST", "clients", public)).status_code == 201
