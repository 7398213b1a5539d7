"""What stands before every call: limits, headers, deadlines, one line each, and no secret in any of it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from temporalio.client import Client

from gateway import middleware
from gateway.context import DEADLINE
from phone_mfa.client import Flows
from phone_mfa.temporal import data_converter
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, Stage
from tests.integration.gateway.door import ORIGIN, Door, opened, problem_in
from tests.keys import KEYS

SECURITY = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}


async def test_every_answer_tells_browsers_what_they_may_do(door: Door) -> None:
    for path in ("/v1/flows", "/enroll", "/nowhere", "/openapi.json", "/assets/main.js", "/healthz"):
        answer = await door.anybody.get(path)
        assert set(answer.headers) >= SECURITY
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_body_that_is_too_long_is_refused_before_it_is_read(door: Door) -> None:
    long = {"user": "u" * middleware.MAX_BODY_BYTES}

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 4096

    whole = await door.service.post("/v1/enrollments", json=long)
    streamed = await door.service.post("/v1/enrollments", content=parts(), headers={"Content-Type": "application/json"})

    for answer in (whole, streamed):
        assert (answer.status_code, problem_in(answer)) == (413, "too-long")


async def test_only_pages_of_the_allowed_origins_may_read(door: Door) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    ours = await door.anybody.options("/v1/flows", headers={"Origin": ORIGIN} | asked)
    others = await door.anybody.options("/v1/flows", headers={"Origin": "https://evil.example.com"} | asked)
    answered = await door.service.get("/v1/flows", headers={"Origin": "https://evil.example.com"})

    assert ours.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in others.headers
    assert "access-control-allow-origin" not in answered.headers
    assert "access-control-allow-credentials" not in ours.headers


async def test_pages_of_the_allowed_origins_may_load_the_client_with_its_types(door: Door) -> None:
    for name, media_type in {"index.js": "text/javascript", "index.d.ts": "text/plain"}.items():
        ours = await door.anybody.get(f"/client/{name}", headers={"Origin": ORIGIN})
        again = await door.anybody.get(
            f"/client/{name}", headers={"Origin": ORIGIN, "If-None-Match": ours.headers["etag"]}
        )
        others = await door.anybody.get(f"/client/{name}", headers={"Origin": "https://evil.example.com"})

        assert ours.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert ours.headers["access-control-allow-origin"] == again.headers["access-control-allow-origin"] == ORIGIN
        assert (again.status_code, again.content) == (304, b"")
        assert "access-control-allow-origin" not in others.headers


async def test_a_body_that_does_not_come_is_not_waited_for(vacant_stage: Stage, tmp_path: Path) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b'{"user": '
        await asyncio.sleep(3)

    async with opened(vacant_stage, tmp_path, deadline=1) as door:
        headers = {"Content-Type": "application/json"}
        answer = await door.service.post("/v1/enrollments", content=never(), headers=headers)

    assert (answer.status_code, problem_in(answer)) == (408, "too-slow")


async def test_a_call_without_a_body_is_not_told_that_its_body_was_slow(vacant_stage: Stage, tmp_path: Path) -> None:
    async with opened(vacant_stage, tmp_path) as door:
        flow = f"/v1/flows/{(await door.enroll()).json()['flow_id']}"
    (tmp_path / "impatient").mkdir()
    async with opened(vacant_stage, tmp_path / "impatient", deadline=1) as door:
        answer = await door.service.post(f"{flow}/resend")

    assert (answer.status_code, problem_in(answer)) == (503, "engine-unreachable")
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize("path", ["/enrol/", "/v1/flows/", "/metrics/"])
async def test_no_address_leads_to_another_by_plain_http(door: Door, path: str) -> None:
    assert problem_in(await door.service.get(path)) == "not-found"


@pytest.mark.parametrize("wanted", ["bytes=0-1", "bytes=x", "elephants=1-2"])
async def test_files_of_the_page_come_whole(door: Door, wanted: str) -> None:
    whole, part = [await door.anybody.get("/assets/main.js", headers=h) for h in ({}, {"Range": wanted})]

    assert (part.status_code, part.content) == (200, whole.content)


async def test_nothing_is_kept_by_caches_but_the_page(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    told = {path: (await door.service.get(path)).headers["cache-control"] for path in ("/v1/flows", "/nowhere")}
    view = await door.anybody.get(f"/v1/flows/{flow}", headers=browser)
    page = await door.anybody.get("/enroll")

    assert told == {"/v1/flows": "no-store", "/nowhere": "no-store"}
    assert (view.headers["cache-control"], page.headers["cache-control"]) == ("private, no-cache", "no-cache")


async def test_pages_elsewhere_can_read_what_is_wrong(door: Door) -> None:
    for path in ("/v1/flows", f"/v1/flows/enroll-{32 * 'a'}"):
        answer = await door.anybody.get(path, headers={"Origin": ORIGIN})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, ORIGIN)


@pytest.mark.parametrize("path", ["/enroll", "/assets/main.js", "/healthz", "/openapi.json", "/v1/flows", "/nowhere"])
async def test_the_head_of_an_answer_can_be_asked_for_alone(door: Door, path: str) -> None:
    whole, head = await door.service.get(path), await door.service.head(path)

    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert set(head.headers) == set(whole.headers)
    assert (await door.service.get("/healthz")).json() == {"status": "ok"}  # the connection is in order


async def test_the_head_of_a_stream_does_not_wait_for_its_end(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    head = await door.anybody.head(f"/v1/flows/{flow}/events", headers=browser)

    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert 'method="HEAD",route="/v1/flows/{flow_id}/events",status="200"' in (await door.anybody.get("/metrics")).text


async def test_methods_that_callers_make_up_are_counted_as_one(door: Door) -> None:
    for method in ("ZZ1", "ZZ2"):
        await door.service.request(method, "/v1/flows")

    text = (await door.anybody.get("/metrics")).text
    assert "ZZ" not in text
    assert 'method="other"' in text


async def test_files_of_the_page_that_are_known_are_not_sent_again(door: Door) -> None:
    for path in ("/enroll", "/assets/main.js", "/client/index.js"):
        first = await door.anybody.get(path)
        again = await door.anybody.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/nowhere", "not-found"),
        ("PUT", "/v1/flows", "method-not-allowed"),
        ("GET", "/assets/x", "not-found"),
        ("GET", "/client/package.json", "not-found"),
    ],
)
async def test_what_is_not_there_is_a_problem_too(door: Door, method: str, path: str, name: str) -> None:
    assert problem_in(await door.service.request(method, path)) == name


PERSON = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Host": "evil.example.com"}


@pytest.mark.parametrize("path", ["/", "/challenge/", "/enrol", "/v1", "/enroll%2523token=x"])
async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(door: Door, path: str) -> None:
    seen = await door.anybody.get(path, headers=PERSON)
    posted = await door.anybody.post(path, headers=PERSON)
    told = [await door.anybody.get(path, headers={"Accept": accept}) for accept in ("*/*", "application/json")]

    assert (seen.status_code, seen.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert seen.headers["cache-control"] == "no-store"
    assert seen.text == (await door.anybody.get("/enroll")).text
    assert [problem_in(answer) for answer in (posted, *told)] == ["not-found"] * 3


@pytest.mark.parametrize("path", ["/enroll/", "/verify/", "/enroll%23token=x", "/enroll/%23token%3Dx", "/verify%23"])
async def test_an_address_that_a_mail_program_changed_is_the_page_and_no_redirect(door: Door, path: str) -> None:
    seen = await door.anybody.get(path, headers=PERSON)

    assert (seen.status_code, seen.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not {"location", "refresh"} & set(seen.headers)
    assert "evil" not in seen.text


async def test_nothing_secret_is_in_a_line_or_an_address(
    stage: Stage, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    caplog.set_level(logging.DEBUG)
    try:
        flow, browser = await door.enrolling()
        await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": "271828"})
        await door.anybody.get(f"/v1/flows/{flow}?code=271828&token={door.key}", headers=browser)
        await door.anybody.get(f"/{door.key}", headers=browser)
        await door.anybody.get(f"/{door.key}", headers=PERSON)
        for link in ("/enroll%23token={}", "/enroll/%23token%3D{}", "/challenge%23token={}", "/enroll%2523token={}"):
            await door.anybody.get(link.format(browser["Authorization"].split()[1]), headers=PERSON)
        metrics = (await door.anybody.get("/metrics")).text
    finally:
        structlog.reset_defaults()

    ours = [record for record in caplog.records if record.name.startswith(("gateway", "uvicorn"))]
    told = "\n".join(record.getMessage() + json.dumps(vars(record), default=str) for record in ours)
    assert len(ours) >= 4
    assert flow in told
    for secret in ("271828", door.key, browser["Authorization"].split()[1], LOGIN_TOKEN, NUMBER):
        assert secret not in told + metrics


class Wire:
    """The way to Temporal, which can be cut, and go dead without a word."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target, self._passing = (host, int(port)), asyncio.Event()
        self._passing.set()
        self._ends: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None

    async def laid(self) -> str:
        self.server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(*self._target)
        self._ends += [writer, there[1]]
        await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._passing.wait()
                writer.write(data)
            writer.close()

    def go_dead(self) -> None:
        self._passing.clear()

    def cut(self) -> None:
        assert self.server
        self.server.close()
        for end in self._ends:
            end.transport.abort()
        self._passing.set()


@asynccontextmanager
async def wired(stage: Stage, folder: Path) -> AsyncIterator[tuple[Door, Wire]]:
    wire = Wire(stage.engine.client.service_client.config.target_host)
    client = await Client.connect(await wire.laid(), data_converter=data_converter(KEYS, "default"))
    flows = Flows(
        client,
        tenant="tenant",
        keys=KEYS,
        task_queue=stage.task_queue,
        answer_timeout=timedelta(seconds=5),
    )
    try:
        async with opened(stage, folder, flows) as door:
            yield door, wire
    finally:
        wire.cut()


CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/v1/flows/FLOW", None),
    ("GET", "/v1/flows/FLOW/events", None),
    ("GET", "/v1/flows/FLOW/result", None),
    ("POST", "/v1/flows/FLOW/binding-code", {"code": "123456"}),
    ("POST", "/v1/flows/FLOW/resend", None),
    ("DELETE", "/v1/flows/FLOW", None),
    ("GET", "/v1/flows", None),
    ("POST", "/v1/enrollments", {"user": "u", "phone_number": NUMBER}),
    ("GET", "/readyz", None),
]


@pytest.mark.parametrize("how", ["cut", "go_dead"])
async def test_while_temporal_does_not_answer_every_call_is_told_so_and_when_to_ask_again(
    stage: Stage, tmp_path: Path, how: str
) -> None:
    async with wired(stage, tmp_path) as (door, wire):
        flow, _ = await door.enrolling()
        getattr(wire, how)()
        async with asyncio.timeout(DEADLINE + 5):
            answers = await asyncio.gather(
                *(door.service.request(method, path.replace("FLOW", flow), json=body) for method, path, body in CALLS)
            )
        alive = await door.anybody.get("/healthz")

    for answer in answers:
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "3"), answer.text
        assert problem_in(answer) == "engine-unreachable"
    assert alive.status_code == 200


async def test_metrics_name_routes_and_not_flows(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    await door.anybody.get(f"/v1/flows/{flow}", headers=browser)

    text = (await door.anybody.get("/metrics")).text

    assert 'gateway_requests_total{method="GET",route="/v1/flows/{flow_id}",status="200"} 1.0' in text
    assert flow not in text
    assert "onboarding" not in text
