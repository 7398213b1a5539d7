"""The live message stream: no losses, no duplicates, and a clean shutdown."""

import asyncio
import signal
import sys

import httpx
import pytest

from emulator.tests.listening import listening, own_emulator
from emulator.tests.visitor import Person, Visitor

TWO_SERVERS = """
from auth0_mfa_emulator.app import build
from auth0_mfa_emulator.serving.server import serve
for _ in range(2):
    serve(build(), "127.0.0.1", 0)
"""


async def text(visitor: Visitor, person: Person) -> None:
    assert (await visitor.associate(await visitor.mfa_token(person), person.number)).status_code == 200


async def test_a_message_is_told_as_it_arrives(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    async with listening(http) as events:
        assert await events.until_ready() == []
        await text(visitor, person)
        event = await events.next()
    assert event.kind == "message"
    assert [event.data] == await visitor.messages(person.number)


async def test_a_new_listener_is_told_what_came_before_it(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    for _ in range(2):
        await text(visitor, person)
    async with listening(http) as events:
        told = await events.until_ready()
    assert [event.data for event in told] == await visitor.messages(person.number)
    assert [event.id is None for event in told] == [True, False]


async def test_one_recipients_messages_can_be_listened_to_alone(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person, other = await visitor.person(), await visitor.person()
    await text(visitor, other)
    async with listening(http, to=person.number) as events:
        assert await events.until_ready() == []
        await text(visitor, other)
        await text(visitor, person)
        assert (await events.next()).data["to"] == person.number


async def test_who_comes_back_hears_exactly_what_was_missed(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    async with listening(http) as events:
        await events.until_ready()
        await text(visitor, person)
        last = (await events.next()).id
    await text(visitor, person)
    async with listening(http, last=last) as events:
        assert await events.until_ready() == []
        assert (await events.next()).data == (await visitor.messages(person.number))[1]


@pytest.mark.parametrize("last", ["garbage", "1", "x.1", ".", "{}.", "{}.-1", "{}.99", "{}.x", "{}." + "9" * 9000])
async def test_a_last_event_nobody_knows_means_starting_again(
    visitor: Visitor, http: httpx.AsyncClient, last: str
) -> None:
    person = await visitor.person()
    await text(visitor, person)
    async with listening(http) as events:
        generation = str((await events.next()).id).split(".")[0]
    async with listening(http, last=last.replace("{}", generation)) as events:
        assert [event.kind for event in await events.until_ready()] == ["reset", "message"]


async def test_an_id_from_before_a_reset_is_not_taken_for_one_of_after(
    visitor: Visitor, http: httpx.AsyncClient
) -> None:
    person = await visitor.person()
    async with listening(http) as events:
        await events.until_ready()
        await text(visitor, person)
        last = (await events.next()).id
    await visitor.control("POST", "reset")
    newcomer = await visitor.person()
    await text(visitor, newcomer)
    async with listening(http, last=last) as events:
        told = await events.until_ready()
    assert [event.data.get("to") for event in told] == [None, newcomer.number]


async def test_a_listener_outlives_a_reset(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    await text(visitor, person)
    async with listening(http) as events:
        await events.until_ready()
        await visitor.control("POST", "reset")
        assert [event.kind for event in await events.until_ready()] == ["reset"]
        newcomer = await visitor.person()
        await text(visitor, newcomer)
        assert (await events.next()).data["to"] == newcomer.number


async def test_a_delayed_message_is_told_when_the_clock_gets_there(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    await visitor.message_fault("delay", seconds=3600)
    async with listening(http) as events:
        await events.until_ready()
        await text(visitor, person)
        await visitor.advance(3600)
        assert (await events.next()).data["to"] == person.number


async def test_a_delayed_message_is_told_when_its_time_has_passed(visitor: Visitor, http: httpx.AsyncClient) -> None:
    person = await visitor.person()
    await visitor.message_fault("delay", seconds=0.1)
    async with listening(http) as events:
        await events.until_ready()
        await text(visitor, person)
        assert (await events.next()).data["to"] == person.number


async def test_a_decided_push_is_told_again() -> None:
    async with own_emulator() as own, httpx.AsyncClient(base_url=own.address, trust_env=False) as http:
        own.send("ada@example.com", "push", None)
        async with listening(http) as events:
            asked = (await events.until_ready())[0].data
            answer = await http.post(f"/_control/messages/{asked['id']}/deny")
            assert answer.status_code == 200
            decided = (await events.next()).data
        assert (asked["decision"], decided["decision"]) == ("pending", "denied")
        assert answer.json() == decided
        again = await http.post(f"/_control/messages/{asked['id']}/approve")
        assert (again.status_code, again.json()) == (409, {"error": "The push is already denied."})


async def test_a_head_request_opens_no_stream(http: httpx.AsyncClient) -> None:
    assert (await http.head("/_control/messages/stream")).status_code == 200


async def test_open_streams_do_not_keep_the_process_nor_spoil_its_next_server() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", TWO_SERVERS, stdout=pipe, stderr=pipe)
    assert process.stdout
    try:
        for _ in range(2):
            address = (await process.stdout.readline()).decode().split()[-1]
            await end_while_listening(address, process)
        _, complaints = await asyncio.wait_for(process.communicate(), 3)
        assert (process.returncode, complaints) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def end_while_listening(address: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http, listening(http) as events:
        await events.until_ready()
        visitor = Visitor(http)
        person = await visitor.person()
        await text(visitor, person)
        assert (await events.next()).data["to"] == person.number
        process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.TransportError):
            await events.next()
