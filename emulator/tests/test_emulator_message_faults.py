"""Ordered message faults: what the phone receives, what the caller sees, and what is silent."""

from typing import Any

from auth0_mfa_emulator.phone.inbox import Inbox
from auth0_mfa_emulator.phone.message import Delivery, Draft
from auth0_mfa_emulator.phone.message_faults import MessageFault
from emulator.tests.visitor import Person, Visitor, refusal


async def sent(visitor: Visitor, person: Person, channel: str = "sms") -> dict[str, Any]:
    answer = await visitor.associate(await visitor.mfa_token(person), person.number, channel)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_dropped_message_is_accepted_and_never_arrives(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("drop", to=person.number)
    await sent(visitor, person)
    await visitor.advance(86_400)
    assert await visitor.messages(person.number) == []
    await sent(visitor, person)
    assert len(await visitor.messages(person.number)) == 1


async def test_a_message_that_is_delayed_arrives_when_its_time_has_come(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("delay", seconds=120)
    await sent(visitor, person)
    await visitor.advance(100)
    assert await visitor.messages(person.number) == []
    await visitor.advance(20)
    message = (await visitor.messages(person.number))[0]
    assert message["delivered_at"] > message["sent_at"]


async def test_a_delayed_message_lets_a_later_one_pass(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("delay", seconds=60)
    await sent(visitor, person, "voice")
    await sent(visitor, person, "sms")
    await visitor.advance(60)
    assert [message["channel"] for message in await visitor.messages(person.number)] == ["sms", "voice"]


async def test_a_duplicate_is_the_same_code_twice(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("duplicate")
    await sent(visitor, person)
    first, second = await visitor.messages(person.number)
    assert first["code"] == second["code"]
    assert first["id"] != second["id"]


async def test_a_message_held_back_arrives_after_the_next_one(visitor: Visitor) -> None:
    person, other = await visitor.person(), await visitor.person()
    await visitor.message_fault("reorder")
    await sent(visitor, person, "voice")
    await sent(visitor, other)
    assert await visitor.messages(person.number) == []
    await sent(visitor, person, "sms")
    assert [message["channel"] for message in await visitor.messages(person.number)] == ["sms", "voice"]


async def test_a_provider_that_refuses_is_an_error_and_stores_nothing(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("refuse")
    token = await visitor.mfa_token(person)
    refused = refusal(await visitor.associate(token, person.number))
    assert refused == (502, "bad_gateway", "The message could not be sent by the provider.")
    assert await visitor.authenticators(token) == []
    assert await visitor.messages(person.number) == []


async def test_a_number_can_be_refused_as_invalid(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("invalid_number", to=person.number)
    token = await visitor.mfa_token(person)
    refused = refusal(await visitor.associate(token, person.number))
    assert refused == (400, "invalid_request", "The phone number is invalid.")
    assert await visitor.authenticators(token) == []
    assert (await visitor.events(person))[-1] == "gd_send_sms_failure"


async def test_a_message_that_fails_later_is_accepted_and_lost(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("fail")
    await sent(visitor, person)
    assert await visitor.messages(person.number) == []


def test_a_message_that_fails_later_has_the_providers_code() -> None:
    inbox, draft = Inbox(), Draft("+15550001", "sms", "123456", "enroll", "Acme")
    inbox.faults.add(MessageFault(kind="fail"))
    inbox.faults.add(MessageFault(kind="fail", code="30003"))
    assert inbox.send(draft, 0.0) == Delivery(failure="21211")
    assert inbox.send(draft, 0.0) == Delivery(failure="30003")


async def test_a_number_that_changed_hands_rings_at_a_strangers(visitor: Visitor) -> None:
    person = await visitor.person()
    await sent(visitor, person)
    await visitor.message_fault("changed_hands", to=person.number)
    await sent(visitor, person)
    await sent(visitor, person)
    assert len(await visitor.messages(person.number)) == 1
    query = {"to": person.number, "holder": "stranger"}
    strange = (await visitor.http.get("/_control/messages", params=query)).json()
    assert [message["holder"] for message in strange] == ["stranger", "stranger"]
    everyone = (await visitor.http.get("/_control/messages", params=query | {"holder": "any"})).json()
    assert len(everyone) == 3


async def test_a_number_that_changed_hands_can_be_late_as_well(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("changed_hands", to=person.number)
    await visitor.message_fault("delay", seconds=10)
    await sent(visitor, person)
    query = {"to": person.number, "holder": "stranger"}
    assert (await visitor.http.get("/_control/messages", params=query)).json() == []
    await visitor.advance(10)
    assert len((await visitor.http.get("/_control/messages", params=query)).json()) == 1


async def test_an_order_strikes_only_its_channel_and_as_often_as_told(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("drop", channel="voice", times=2)
    for channel in ("voice", "sms", "voice", "voice"):
        await sent(visitor, person, channel)
    assert [message["channel"] for message in await visitor.messages(person.number)] == ["sms", "voice"]
    assert await visitor.control("GET", "message-faults") == []


async def test_orders_are_listed_and_can_be_taken_back(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.message_fault("drop", times=None)
    await visitor.message_fault("changed_hands", to=person.number)
    orders = await visitor.control("GET", "message-faults")
    assert [(order["kind"], order["to"], order["times"]) for order in orders] == [
        ("drop", None, None),
        ("changed_hands", person.number, None),
    ]
    await sent(visitor, person)
    await visitor.control("DELETE", "message-faults")
    await sent(visitor, person)
    assert [message["holder"] for message in await visitor.messages(person.number)] == ["owner"]


async def test_a_reset_takes_message_faults_back(visitor: Visitor) -> None:
    await visitor.message_fault("drop", times=None)
    await visitor.control("POST", "reset")
    assert await visitor.control("GET", "message-faults") == []
