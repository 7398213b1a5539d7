"""Messages received by phones, mailboxes and devices, in Auth0's wording."""

import pytest

from auth0_mfa_emulator.phone.inbox import Inbox
from auth0_mfa_emulator.phone.message import Draft, Medium
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.phone.received_messages import KEPT
from emulator.tests.visitor import Visitor


def draft(to: str = "+15550001", medium: Medium = "sms", code: str | None = "123456") -> Draft:
    return Draft(to, medium, code, "challenge", "Acme")


def push(inbox: Inbox) -> str:
    message_id = inbox.send(draft("ada@example.com", "push", None), 1000.0).message_id
    assert message_id
    return message_id


async def test_enrollment_and_verification_have_auth0s_two_texts(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    await visitor.challenge(await visitor.mfa_token(person))
    enrolling, verifying = await visitor.messages(person.number)
    start = f"{enrolling['code']} is your verification code for Emulated Tenant"
    assert enrolling["text"] == f"{start}. Please enter this code to verify your enrollment."
    assert verifying["text"] == f"{verifying['code']} is your verification code for Emulated Tenant"
    assert (enrolling["action"], verifying["action"]) == ("enroll", "challenge")


async def test_a_call_says_the_code_twice_digit_by_digit(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number, "voice")
    call = (await visitor.messages(person.number))[-1]
    assert call["text"].count(". ".join(call["code"])) == 2
    assert call["code"] not in call["text"]


async def test_texts_and_nothing_else_end_with_whose_site_the_code_is_for(visitor: Visitor) -> None:
    await visitor.control("PATCH", "tenant", {"origin_bound_host": "localhost:8088"})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    for channel in ("sms", "voice"):
        await visitor.associate(token, person.number, channel)
    text, call = await visitor.messages(person.number)
    start = f"{text['code']} is your verification code for Emulated Tenant"
    end = f"\n\n@localhost:8088 #{text['code']}"
    assert text["text"] == f"{start}. Please enter this code to verify your enrollment.{end}"
    assert "@" not in call["text"]


@pytest.mark.parametrize(
    "host", ["", "https://example.com", "Example.com", "a b", "example.com:", "a\nb", "-a", "a" * 254]
)
async def test_a_site_is_a_host_and_nothing_else(visitor: Visitor, host: str) -> None:
    refused = await visitor.http.patch("/_control/tenant", json={"origin_bound_host": host})
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("origin_bound_host: ")


async def test_a_message_says_when_it_came_and_who_holds_the_phone(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    message = (await visitor.messages(person.number))[-1]
    assert message["delivered_at"] == message["sent_at"]
    assert (message["holder"], message["decision"], message["subject"]) == ("owner", None, None)


async def test_only_what_came_later_than_a_date_can_be_asked_for(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    first = (await visitor.messages(person.number))[-1]
    await visitor.advance(1)
    await visitor.associate(token, person.number)
    query = {"to": person.number, "since": first["delivered_at"]}
    later = (await visitor.http.get("/_control/messages", params=query)).json()
    assert [message["id"] for message in later] == [(await visitor.messages(person.number))[-1]["id"]]


@pytest.mark.parametrize(
    ("query", "field"), [("since=soon", "since"), ("since=0001-01-01T00:00:00+14:00", "since"), ("holder=x", "holder")]
)
async def test_a_question_that_makes_no_sense_is_named(visitor: Visitor, query: str, field: str) -> None:
    answer = await visitor.http.get(f"/_control/messages?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{field}: ")


@pytest.mark.parametrize("verb", ["approve", "deny"])
async def test_a_text_is_no_question_and_an_unknown_message_is_not_found(visitor: Visitor, verb: str) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    text = (await visitor.messages(person.number))[-1]
    refused = await visitor.http.post(f"/_control/messages/{text['id']}/{verb}")
    assert refused.status_code == 409
    assert refused.json() == {"error": "Only a push can be approved or denied, and this message is of channel sms."}
    assert (await visitor.http.post(f"/_control/messages/nobody/{verb}")).status_code == 404


def test_a_push_is_decided_once() -> None:
    inbox = Inbox()
    message_id = push(inbox)
    asked = inbox.find(message_id)
    assert asked
    assert (asked.text, asked.code, asked.decision) == ("Approve or deny the login to Acme.", None, "pending")
    assert inbox.decide(message_id, "approved").decision == "approved"
    with pytest.raises(ValueError, match="already approved"):
        inbox.decide(message_id, "denied")


def test_a_push_shown_twice_is_one_question() -> None:
    inbox = Inbox()
    inbox.faults.add(MessageFault(kind="duplicate"))
    push(inbox)
    assert len(inbox.messages("ada@example.com", 1000.0)) == 1


def test_a_push_under_way_is_known_and_cannot_be_answered_yet() -> None:
    inbox = Inbox()
    inbox.faults.add(MessageFault(kind="delay", seconds=5))
    message_id = push(inbox)
    assert inbox.find(message_id)
    with pytest.raises(LookupError):
        inbox.decide(message_id, "approved")
    inbox.settle(1005.0)
    assert inbox.decide(message_id, "denied").decision == "denied"


def test_an_e_mail_has_a_subject_and_its_address_any_case() -> None:
    inbox = Inbox()
    inbox.send(draft("Ada@Example.com", "email"), 1000.0)
    mail = inbox.messages("ada@example.COM", 1000.0)[0]
    assert mail.subject == "Your verification code for Acme"
    assert mail.text.startswith("Your verification code is: 123456\n")


def test_the_oldest_messages_are_forgotten_first() -> None:
    inbox = Inbox()
    for number in range(KEPT + 2):
        inbox.send(draft(f"+1{number % 3}"), float(number))
    assert len(inbox.messages(None, 0.0)) == KEPT
    assert inbox.messages(None, 0.0)[0].sent_at == 2.0
    assert inbox.messages("+10", 0.0)[0].sent_at == 3.0


def test_what_is_under_way_is_bounded_too() -> None:
    inbox = Inbox()
    inbox.faults.add(MessageFault(kind="delay", times=None))
    inbox.faults.add(MessageFault(kind="reorder", times=None))
    for number in range(KEPT + 2):
        inbox.send(draft(f"+1{number}"), 0.0)
    assert len(inbox.messages(None, 100.0)) == KEPT
