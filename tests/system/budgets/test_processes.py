"""Two gateways and two workers with one Redis: budgets hold over all of them, and on each worker without Redis."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.tests.visitor import Person
from tests.ports import free_port
from tests.system.budgets.redis_server import RedisServer
from tests.system.gateway.installation import API_KEY, Installation, Worker, installed
from tests.system.leaks.stack import eventually

NUMBER = "+15555550123"
WORKERS = ("one-worker", "another-worker")


class Everything:
    """Two gateways and two workers. ``metrics``: the addresses of the workers' metrics."""

    def __init__(self, installation: Installation, services: list[httpx.AsyncClient], metrics: list[str]) -> None:
        self.installation, self.visitor = installation, installation.visitor
        self.services, self.metrics = services, metrics
        self._turn = 0

    async def ask(self, method: str, path: str, **body: object) -> httpx.Response:
        """Ask the gateways in turn."""
        self._turn += 1
        return await self.services[self._turn % 2].request(method, path, json=body)

    async def enroll(self, person: Person, number: str) -> str:
        token = await self.visitor.mfa_token(person)
        answer = await self.ask(
            "POST", "/v1/enrollments", user=person.user_id, phone_number=number, mfa_token=token, browser="one"
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["flow_id"])

    async def view(self, flow: str) -> dict[str, Any]:
        view: dict[str, Any] = (await self.ask("GET", f"/v1/flows/{flow}")).json()
        return view

    async def settled(self, flow: str) -> dict[str, Any]:
        """The view once the flow has a message, or waits for a budget."""
        views: list[dict[str, Any]] = []

        async def rests() -> bool:
            views.append(await self.view(flow))
            return views[-1]["phase"] in ("waiting_for_code", "cooling_down")

        await eventually(rests)
        return views[-1]

    async def measured(self, name: str) -> list[str]:
        """The lines of a metric, of both workers."""
        async with httpx.AsyncClient(trust_env=False) as http:
            texts = [(await http.get(f"http://{address}/metrics")).text for address in self.metrics]
        return [line for text in texts for line in text.splitlines() if line.startswith(name)]

    def logged(self, worker: str, event: str) -> list[dict[str, Any]]:
        lines = self.installation.processes.log(worker).read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == event]


@pytest.fixture
async def everything(tmp_path: Path, redis: RedisServer) -> AsyncIterator[Everything]:
    settings = {"PHONE_MFA_LIMITS": redis.address, "PHONE_MFA_MESSAGES_PER_BROWSER": "none"}
    async with AsyncExitStack() as ending:
        installation = await ending.enter_async_context(installed(tmp_path, **settings))
        await installation.worker.stop()
        ports = [f"127.0.0.1:{free_port()}" for _ in WORKERS]
        for name, port in zip(WORKERS, ports, strict=True):
            worker = Worker(installation.processes, installation.settings, name, "--metrics", port)
            await worker.start()
            ending.push_async_callback(worker.stop)
        address = await ending.enter_async_context(installation.another_gateway())
        other = httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {API_KEY}"}, trust_env=False, timeout=60
        )
        await ending.enter_async_context(other)
        yield Everything(installation, [installation.service, other], ports)


@pytest.mark.timeout(180)
async def test_one_number_of_twenty_users_gets_ten_messages_an_hour(everything: Everything) -> None:
    people = [await everything.visitor.person() for _ in range(20)]
    flows = await asyncio.gather(*(everything.enroll(person, NUMBER) for person in people))
    views = await asyncio.gather(*(everything.settled(flow) for flow in flows))

    assert Counter(view["phase"] for view in views) == {"waiting_for_code": 10, "cooling_down": 10}
    assert len(await everything.visitor.messages(NUMBER)) == 10
    for view in views:
        if view["phase"] == "cooling_down":
            assert view["wait"]["reason"] == "number_budget"
            wait = datetime.fromisoformat(view["retry_at"]) - datetime.now(UTC)
            assert timedelta(minutes=58) < wait < timedelta(hours=1, seconds=5)

    stopped = await everything.measured("phone_mfa_spent_budgets_total{")
    assert sum(int(float(line.split()[-1])) for line in stopped) == 10
    assert all('budget="number"' in line and 'enforced="true"' in line for line in stopped)
    shared = await everything.measured("phone_mfa_shared_numbers_total")
    assert sum(int(float(line.split()[-1])) for line in shared) == 9, "ten users have received messages there"
    told = [line for worker in WORKERS for line in everything.logged(worker, "number.shared_by_users")]
    assert len(told) == 9


@pytest.mark.timeout(180)
async def test_ten_flows_of_one_user_bring_no_more_wrong_codes_to_auth0_than_one(everything: Everything) -> None:
    person = await everything.visitor.person()
    verdicts: list[str] = []
    for _ in range(10):
        flow = await everything.enroll(person, NUMBER)
        await everything.settled(flow)
        for wrong in range(1, 6):
            if (await everything.view(flow))["phase"] != "waiting_for_code":
                break
            path = f"/v1/flows/{flow}/binding-code"
            answer = await everything.services[0].post(
                path, json={"code": f"00000{wrong}"}, headers={"Prefer": "respond-async"}
            )
            assert answer.status_code == 202, answer.text
            await eventually(partial(_is_judged, everything, flow, wrong))
        view = await everything.view(flow)
        verdicts.append(view["outcome"] or view["wait"]["reason"])
        if not view["outcome"]:
            await everything.ask("DELETE", f"/v1/flows/{flow}")
            await eventually(partial(_is_over, everything, flow))

    assert verdicts == ["locked_out", *["wrong_codes"] * 9]
    assert (await everything.visitor.events(person)).count("gd_auth_failed") == 5


@pytest.mark.timeout(180)
async def test_without_redis_flows_go_on_and_each_worker_has_the_budget_to_itself(
    everything: Everything, redis: RedisServer
) -> None:
    await redis.kill()
    people = [await everything.visitor.person() for _ in range(24)]
    flows = await asyncio.gather(*(everything.enroll(person, NUMBER) for person in people))
    views = await asyncio.gather(*(everything.settled(flow) for flow in flows))

    sent = len(await everything.visitor.messages(NUMBER))
    assert 10 <= sent <= 20
    assert sum(view["phase"] == "waiting_for_code" for view in views) == sent
    assert any(everything.logged(worker, "budgets.counted_in_memory") for worker in WORKERS)


async def _is_judged(everything: Everything, flow: str, wrong: int) -> bool:
    """Whether the code has its verdict, or waits for the end of a pause."""
    view = await everything.view(flow)
    return view["wrong_codes"] == wrong or view["phase"] in ("cooling_down", "done")


async def _is_over(everything: Everything, flow: str) -> bool:
    return bool((await everything.view(flow))["phase"] == "done")
