"""Looking at flows over HTTP: the view, the list, and a stream of changes that costs the engine next to nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from gateway.routes.events import MOST_STREAMS
from phone_mfa.contracts import Phase, attributes, names
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal, RemovePending
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, Stage
from tests.integration.gateway.door import Door, bearer, events_in, opened, problem_in


async def test_a_view_that_is_known_is_not_sent_again(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    first = await door.anybody.get(f"/v1/flows/{flow}", headers=browser)
    known = browser | {"If-None-Match": f'"other", {first.headers["etag"]}'}

    same = await door.anybody.get(f"/v1/flows/{flow}", headers=known)
    await stage.check(flow, "000000")
    changed = await door.anybody.get(f"/v1/flows/{flow}", headers=known)

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert (changed.status_code, changed.json()["tries_left"]) == (200, 4)


async def test_the_view_is_the_contract(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    shown = (await door.anybody.get(f"/v1/flows/{flow}", headers=browser)).json()

    assert shown == (await stage.flows.view(flow)).model_dump(mode="json")


async def test_flows_are_listed_page_by_page(stage: Stage, door: Door) -> None:
    flows = {(await door.enrolling())[0] for _ in range(5)}

    async def listed() -> bool:
        return flows <= {flow async for page in pages(door) for flow in page}

    await stage.eventually(listed)
    sizes = [len(page) async for page in pages(door, limit="2")]
    assert max(sizes) == 2
    assert len(sizes) >= 3


async def pages(door: Door, **conditions: str) -> AsyncIterator[list[str]]:
    cursor: dict[str, str] = {}
    while True:
        answer = (
            await door.service.get("/v1/flows", params={"phase": "waiting_for_code", **conditions, **cursor})
        ).json()
        yield [flow["flow_id"] for flow in answer["flows"]]
        if answer["next_cursor"] is None:
            return
        cursor = {"cursor": answer["next_cursor"]}


async def test_words_of_a_newer_worker_hide_no_flow(stage: Stage, door: Door) -> None:
    flow, phase = f"enroll-{'n' * 32}", SearchAttributePair(attributes.PHASE, "dreaming")
    await stage.engine.client.start_workflow(
        names.ENROLLMENT_WORKFLOW, id=flow, task_queue="newer", search_attributes=TypedSearchAttributes([phase])
    )

    async def rows() -> list[dict[str, Any]]:
        answer = await door.service.get("/v1/flows?limit=200")
        return [row for row in answer.raise_for_status().json()["flows"] if row["flow_id"] == flow]

    async def is_listed() -> bool:
        return bool(await rows())

    await stage.eventually(is_listed)
    [row] = await rows()
    await stage.handle(flow).terminate()
    assert (row["kind"], row["phase"]) == ("enrollment", None)


@pytest.mark.parametrize(
    "conditions", [{"phase": "x' OR '1'='1"}, {"outcome": "lost"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "?"}]
)
async def test_a_list_cannot_be_asked_for_anything_else(door: Door, conditions: dict[str, str]) -> None:
    answer = await door.service.get("/v1/flows", params=conditions)

    assert (answer.status_code, problem_in(answer)) == (422, "bad-input")


@asynccontextmanager
async def following(door: Door, flow: str, headers: dict[str, str]) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield events_in(answer)


async def until(events: AsyncIterator[dict[str, Any]], seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async for event in events:
        if seen(event["data"]):
            return event
    raise AssertionError("the stream ended")


async def test_a_stream_tells_each_change_and_ends_with_the_outcome(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    async with following(door, flow, browser) as events:
        first = await anext(events)
        await stage.check(flow, "000000")
        wrong = await until(events, lambda view: view.get("wrong_codes") == 1 and view["phase"] == "waiting_for_code")
        await stage.check(flow, RIGHT_CODE)
        rest = [event async for event in events]

    assert (first["event"], first["data"]["phase"]) == ("view", "waiting_for_code")
    assert wrong["data"]["last_verdict"]["verdict"] == "wrong"
    assert (rest[-2]["event"], rest[-2]["data"]["phase"]) == ("view", "done")
    assert (rest[-1]["event"], rest[-1]["data"]) == ("end", {"outcome": "enrolled"})


async def test_the_lines_of_a_stream_end_with_lf_alone(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, heartbeat=1) as door:
        flow, browser = await door.enrolling()
        received = b""
        async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=browser) as answer:
            async for part in answer.aiter_raw():
                received += part
                if b": ping" in received and not stage.auth0.calls(CheckCode):
                    await stage.check(flow, RIGHT_CODE)

    assert [field in received for field in (b"event: view\n", b": ping", b"event: end\n")] == [True] * 3
    assert received.endswith(b"\n\n")
    assert b"\r" not in received


async def test_a_stream_tells_when_another_message_may_be_asked_for(stage: Stage, door: Door) -> None:
    started = (await door.enroll(policy={"resend_after_seconds": [2]})).json()
    await stage.message(started["flow_id"], 1)

    async with following(door, started["flow_id"], bearer(started["flow_token"])) as events:
        first = await anext(events)
        later = await until(events, lambda view: "resend_code" in view["allowed_actions"])

    assert "resend_code" not in first["data"]["allowed_actions"]
    assert {**later["data"], "allowed_actions": []} == {**first["data"], "allowed_actions": []}


async def test_a_stream_goes_on_after_what_was_seen_last(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    async with following(door, flow, browser) as events:
        seen = await anext(events)
    etag = (await door.anybody.get(f"/v1/flows/{flow}", headers=browser)).headers["etag"]

    async with following(door, flow, browser | {"Last-Event-ID": seen["id"]}) as events:
        await stage.check(flow, RIGHT_CODE)
        after = [event async for event in events]
    async with following(door, flow, browser | {"Last-Event-ID": after[-2]["id"]}) as events:
        late = [event["event"] async for event in events]

    assert etag == f'"{seen["id"]}"'
    assert seen["id"] not in [event.get("id") for event in after]
    assert [event["event"] for event in after][-1] == "end"
    assert late == ["end"]


async def test_a_stream_of_a_flow_that_fails_says_so(stage: Stage, auth0: ScriptedAuth0, door: Door) -> None:
    hold = auth0.hold(Associate)
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    started = (await door.enroll()).json()
    await hold.reached.wait()

    async with following(door, started["flow_id"], {"Authorization": f"Bearer {started['flow_token']}"}) as events:
        hold.release()
        last = [event async for event in events][-1]

    assert (last["event"], last["data"]["type"]) == ("failed", "urn:phone-mfa:problem:flow-failed")


async def test_a_stream_of_a_flow_that_is_terminated_at_its_clean_up_ends_with_its_outcome(
    stage: Stage, auth0: ScriptedAuth0, door: Door
) -> None:
    flow, browser = await door.enrolling(mfa_token=ACCESS_TOKEN)
    removing = auth0.hold(RemovePending)

    async with following(door, flow, browser) as events:
        await stage.flows.cancel(flow)
        await removing.reached.wait()
        await stage.handle(flow).terminate(reason="asked by phone")
        removing.release()
        *_, view, end = [event async for event in events]

    told = (await door.service.get(f"/v1/flows/{flow}")).json()
    assert (end["event"], end["data"]) == ("end", {"outcome": "cancelled"})
    assert (view["data"]["phase"], view["data"]["failure"]) == ("done", "")
    assert "asked by phone" in told["failure"]


async def test_a_stream_of_no_flow_is_refused_at_once(door: Door) -> None:
    assert problem_in(await door.service.get(f"/v1/flows/enroll-{32 * 'a'}/events")) == "unknown-flow"


async def test_a_stream_begins_before_a_worker_does(vacant_stage: Stage, door: Door) -> None:
    started = (await door.enroll()).json()

    async with following(door, started["flow_id"], {"Authorization": f"Bearer {started['flow_token']}"}) as events:
        async with vacant_stage.worker():
            event = await until(events, lambda view: view["phase"] == Phase.WAITING_FOR_CODE)

    assert event["data"]["message"] == 1


async def test_a_browser_cannot_open_streams_without_end(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, key="100000/minute", flow="100000/minute") as door:
        flow, browser = await door.enrolling()
        path = f"/v1/flows/{flow}/events"
        limits = httpx.Limits(max_connections=MOST_STREAMS + 10)
        async with (
            httpx.AsyncClient(base_url=door.anybody.base_url, limits=limits, timeout=60, trust_env=False) as http,
            AsyncExitStack() as streams,
        ):
            for _ in range(MOST_STREAMS):
                await streams.enter_async_context(http.stream("GET", path, headers=browser))
            run = await stage.flows.newest_run(flow)

            async def all_listen() -> bool:
                return door.served.watching.listeners(flow, run) == MOST_STREAMS

            await stage.eventually(all_listen)
            async with (
                http.stream("GET", path, headers=browser) as more,
                door.service.stream("GET", path) as of_service,
            ):
                if more.is_error:
                    await more.aread()

    assert (more.status_code, problem_in(more), "retry-after" in more.headers) == (429, "too-many-requests", True)
    assert of_service.status_code == 200
