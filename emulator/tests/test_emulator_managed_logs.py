"""The tenant log through the Management API: checkpoints, pages, and what became of each message."""

from typing import Any

import httpx
import pytest

from emulator.tests.visitor import Person, Visitor, bearer


async def log(visitor: Visitor, **query: str) -> list[dict[str, Any]]:
    answer = await asked(visitor, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def asked(visitor: Visitor, **query: str) -> httpx.Response:
    token = await visitor.management_token("read:logs")
    return await visitor.http.get("/api/v2/logs", params=query, headers=bearer(token))


def types(lines: list[dict[str, Any]]) -> list[str]:
    return [line["type"] for line in lines if line["type"] != "seccft"]  # the reader's own tokens


async def send(visitor: Visitor, person: Person, channel: str) -> None:
    token = await visitor.mfa_token(person)
    if channel == "email":
        await visitor.add_email(token, person.email)
    else:
        await visitor.associate(token, person.number, channel)


@pytest.mark.parametrize(("channel", "to"), [("sms", "XXXXXXXX"), ("voice", "XXXXXXXX"), ("email", "pers")])
async def test_a_sent_message_leaves_an_event_with_a_masked_recipient(visitor: Visitor, channel: str, to: str) -> None:
    person = await visitor.person()
    await send(visitor, person, channel)
    (line,) = await log(visitor, q=f"type:gd_send_{channel}")
    assert line["details"]["recipient"].startswith(to)
    assert (line["user_id"], line["client_id"]) == (person.user_id, "emulator-client")
    everything = (await asked(visitor)).text
    code = (await visitor.messages(person.email if channel == "email" else person.number))[-1]["code"]
    assert (person.number in everything, f'"{code}"' in everything) == (False, False)


@pytest.mark.parametrize("channel", ["sms", "voice", "email"])
@pytest.mark.parametrize(("fault", "code"), [("fail", "30006"), ("refuse", "refused")])
async def test_a_failed_message_leaves_an_event_with_the_providers_code(
    visitor: Visitor, channel: str, fault: str, code: str
) -> None:
    await visitor.message_fault(fault, code="30006")
    await send(visitor, await visitor.person(), channel)
    (line,) = await log(visitor, q=f"type:gd_send_{channel}_failure")
    assert line["details"]["failure_details"]["error"] == {"code": code}


async def test_a_failed_push_leaves_an_event(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    await visitor.message_fault("fail", channel="push")
    await visitor.challenge(await visitor.mfa_token(person), challenge_type="oob")
    assert len(await log(visitor, q="type:gd_send_pn_failure")) == 1


async def test_checkpoints_lead_through_the_log_without_gaps(visitor: Visitor) -> None:
    person = await visitor.person()
    for _ in range(3):
        await visitor.mfa_token(person)
    first = await log(visitor, take="2")
    second = await log(visitor, **{"from": first[-1]["log_id"], "take": "2"})
    assert types(first + second) == ["mfar", "mfar", "mfar"]
    assert [line["log_id"] for line in first + second] == sorted({line["log_id"] for line in first + second})
    last = (await log(visitor, **{"from": second[-1]["log_id"]}))[-1]["log_id"]
    await visitor.mfa_token(person)
    assert types(await log(visitor, **{"from": last})) == ["mfar"]


async def test_the_link_of_an_answer_leads_on(visitor: Visitor) -> None:
    await visitor.mfa_token(await visitor.person())
    answer = await asked(visitor, take="1")
    link = answer.links["next"]["url"]
    assert f"from={answer.json()[0]['log_id']}" in link
    following = await visitor.http.get(link, headers=bearer(await visitor.management_token()))
    assert [line["type"] for line in following.json()] == ["seccft"]


async def test_pages_begin_with_the_newest(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    ascending = await log(visitor, sort="date:1", q=f'user_id:"{person.user_id}"')
    descending = await log(visitor, q=f'user_id:"{person.user_id}"')
    assert ascending == descending[::-1]
    assert types(ascending) == await visitor.events(person)
    page = (await asked(visitor, include_totals="true", per_page="1", page="1")).json()
    assert (page["start"], page["limit"], page["length"]) == (1, 1, 1)


async def test_an_event_has_the_members_of_recorded_ones(visitor: Visitor) -> None:
    await visitor.mfa_token(await visitor.person())
    (line,) = await log(visitor, q="type:mfar")
    assert len(line["log_id"]) == 56
    assert line["_id"] == line["log_id"]
    token = await visitor.management_token()
    one = await visitor.http.get(f"/api/v2/logs/{line['log_id']}", headers=bearer(token))
    assert one.json() == line
    for unknown in ("1", "0" * 56, line["log_id"][:-1] + "9", "x" * 5000):
        answer = await visitor.http.get(f"/api/v2/logs/{unknown}", headers=bearer(token))
        assert (answer.status_code, answer.json()["message"]) == (404, "Log not found.")


@pytest.mark.parametrize("query", [{"from": "1"}, {"take": "0"}, {"take": "101"}, {"from": "x", "take": "y"}])
async def test_what_is_no_checkpoint_is_refused(visitor: Visitor, query: dict[str, str]) -> None:
    answer = await asked(visitor, **query)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_query_string")
