"""An enrollment ticket opens a page, once within five days, on which a user enrolls a phone."""

import re
from collections.abc import Mapping

import httpx
import pytest

from emulator.tests.visitor import Person, Visitor, other_than

PAGE = "/mfa/enrollment"
OVER = "The enrollment ticket is invalid, expired or already used."


async def ticket_for(visitor: Visitor, person: Person, **more: object) -> str:
    answer = await visitor.manage("POST", "guardian/enrollments/ticket", {"user_id": person.user_id} | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket_id"])


async def opened(visitor: Visitor, ticket: str) -> httpx.Response:
    return await visitor.http.get(PAGE, params={"ticket": ticket})


async def posted(visitor: Visitor, **fields: str) -> httpx.Response:
    return await visitor.http.post(PAGE, data=fields)


def hidden(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', answer.text))


def error(answer: httpx.Response) -> tuple[int, str]:
    found = re.search(r'role="alert">([^<]*)<', answer.text)
    return answer.status_code, found[1] if found else ""


async def enrolled(visitor: Visitor, person: Person, ticket: str, **fields: str) -> httpx.Response:
    sent = await posted(visitor, ticket=ticket, phone_number=person.number, **fields)
    return await posted(visitor, **hidden(sent), code=await visitor.code(person.number))


async def test_a_user_enrolls_a_phone_and_gets_the_recovery_code(visitor: Visitor) -> None:
    person = await visitor.person()
    ticket = await ticket_for(visitor, person)
    shown = await opened(visitor, ticket)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    done = await enrolled(visitor, person, ticket, channel="voice")
    assert re.search(r"<code id='recovery-code'>[1-9A-Z]{24}</code>", done.text)
    assert [message["channel"] for message in await visitor.messages(person.number)] == ["voice"]
    entries = await visitor.authenticators(await visitor.mfa_token(person))
    assert [entry["active"] for entry in entries] == [True, True, True]
    assert await visitor.events(person) == ["gd_send_voice", "gd_start_enroll", "gd_enrollment_complete", "mfar"]


async def test_a_user_with_as_many_authenticators_as_allowed_enrolls_no_more(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.switch(max_authenticators=1)
    ticket = await ticket_for(visitor, person)
    hidden(await posted(visitor, ticket=ticket, phone_number=person.number))
    again = await posted(visitor, ticket=ticket, phone_number="+15555550199")
    assert error(again) == (400, "The user has too many authenticators.")


async def test_a_ticket_is_spent_by_the_enrollment(visitor: Visitor) -> None:
    person = await visitor.person()
    ticket = await ticket_for(visitor, person, allow_multiple_enrollments=True)
    assert (await enrolled(visitor, person, ticket)).status_code == 200
    assert error(await opened(visitor, ticket)) == (400, OVER)
    assert error(await posted(visitor, ticket=ticket, phone_number="+15555550199")) == (400, OVER)


async def test_a_ticket_lives_for_five_days(visitor: Visitor) -> None:
    person = await visitor.person()
    ticket = await ticket_for(visitor, person)
    await visitor.advance(5 * 86_400 - 60)
    assert (await opened(visitor, ticket)).status_code == 200
    await visitor.advance(60)
    assert error(await opened(visitor, ticket)) == (400, OVER)


async def test_a_wrong_code_may_be_typed_again_but_not_for_ever(visitor: Visitor) -> None:
    person = await visitor.person()
    sent = await posted(visitor, ticket=await ticket_for(visitor, person), phone_number=person.number)
    code, fields = await visitor.code(person.number), hidden(sent)
    for _ in range(10):
        assert error(await posted(visitor, **fields, code=other_than(code))) == (400, "The code is wrong.")
    locked = await posted(visitor, **fields, code=code)
    assert error(locked) == (400, "Too many failed codes. Wait for some minutes before retrying.")
    await visitor.advance(360)
    assert error(await posted(visitor, **fields, code=code)) == (400, "The code has expired. Request another.")


async def test_a_code_of_another_user_or_the_mfa_api_confirms_nothing(visitor: Visitor) -> None:
    person, other = await visitor.person(), await visitor.person()
    ticket = await ticket_for(visitor, person)
    foreign = hidden(await posted(visitor, ticket=await ticket_for(visitor, other), phone_number=other.number))
    answer = await posted(visitor, **foreign | {"ticket": ticket}, code=await visitor.code(other.number))
    assert error(answer) == (400, "The code has expired. Request another.")
    token = await visitor.mfa_token(other)
    verified = await visitor.verify(token, foreign["oob_code"], await visitor.code(other.number))
    assert verified.json()["error_description"] == "The oob_code doesn't match the mfa_token"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refuse", "The message could not be sent by the provider."),
        ("invalid_number", "The phone number is invalid."),
    ],
)
async def test_the_page_tells_why_no_message_was_sent(visitor: Visitor, fault: str, said: str) -> None:
    person = await visitor.person()
    await visitor.message_fault(fault)
    answer = await posted(visitor, ticket=await ticket_for(visitor, person), phone_number=person.number)
    assert error(answer) == (400, said)
    assert person.number in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"phone_number": "12"}, "The phone number is invalid."),
        ({"phone_number": '"><b>'}, "The phone number is invalid."),
        ({}, "Missing required parameter: phone_number"),
        ({"phone_number": "+15555550100", "channel": "fax"}, "The factor or channel fax is not enabled."),
    ],
)
async def test_the_page_tells_what_is_wrong_with_a_form(visitor: Visitor, fields: Mapping[str, str], said: str) -> None:
    answer = await posted(visitor, ticket=await ticket_for(visitor, await visitor.person()), **fields)
    assert error(answer) == (400, said)
    assert "<b>" not in answer.text


async def test_an_enrolled_user_needs_a_ticket_for_another_factor(visitor: Visitor) -> None:
    person = await visitor.person(authenticators=[{"type": "totp"}])
    plain = await ticket_for(visitor, person)
    assert error(await opened(visitor, plain)) == (400, "User is already enrolled.")
    further = await ticket_for(visitor, person, allow_multiple_enrollments=True)
    assert (await enrolled(visitor, person, further)).status_code == 200


async def test_the_page_enrolls_phones_only(visitor: Visitor) -> None:
    person = await visitor.person()
    assert error(await opened(visitor, await ticket_for(visitor, person, factor="otp")))[0] == 400
    ticket = await ticket_for(visitor, person, factor="phone")
    assert (await opened(visitor, ticket)).status_code == 200
    await visitor.switch(phone_factor=False)
    assert error(await opened(visitor, ticket)) == (400, "The phone factor is not enabled.")


@pytest.mark.parametrize("ticket", ["", "unknown", "\x00", "a" * 5000])
async def test_what_is_no_ticket_opens_nothing(visitor: Visitor, ticket: str) -> None:
    assert error(await opened(visitor, ticket)) == (400, OVER)
    answer = await visitor.manage("POST", "guardian/enrollments/ticket", {"user_id": "auth0|unknown"})
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "inexistent_user")
