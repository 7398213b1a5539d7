"""Many who listen to flows cost the engine no more than one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import Door, events_in, opened


@pytest.mark.timeout(240)
async def test_a_thousand_listeners_cost_one_look_for_each_change(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, key="100000/minute", flow="100000/minute") as door:
        # Nothing but the codes moves them: no message may be asked for meanwhile.
        flows = [await door.enrolling(policy={"resend_after_seconds": [3600]}) for _ in range(5)]
        limits = httpx.Limits(max_connections=1100)
        async with httpx.AsyncClient(
            base_url=door.anybody.base_url, limits=limits, timeout=60, trust_env=False
        ) as http:
            crowd = Crowd(http)
            async with asyncio.TaskGroup() as listening:
                for flow, browser in flows:
                    for _ in range(200):
                        listening.create_task(crowd.listen(flow, browser))
                await stage.eventually(crowd.all_hear(1000), within=90)
                before = await looks(door)
                for flow, _ in flows:
                    await stage.check(flow, "000000")
                await stage.eventually(crowd.all_see_wrong_codes, within=90)
                cost = await looks(door) - before
                for flow, _ in flows:
                    await stage.check(flow, RIGHT_CODE)

    assert set(crowd.ends) == {"enrolled"}
    assert len(crowd.ends) == 1000
    assert cost <= 2 * len(flows), "the check began, and it ended: two changes"


class Crowd:
    """Many who listen, and what each saw last."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.newest: dict[int, dict[str, Any]] = {}
        self.ends: list[str] = []

    async def listen(self, flow: str, browser: dict[str, str]) -> None:
        async with self.http.stream("GET", f"/v1/flows/{flow}/events", headers=browser) as answer:
            async for event in events_in(answer):
                if event["event"] == "view":
                    self.newest[id(answer)] = event["data"]
                else:
                    self.ends.append(event["data"]["outcome"])

    def all_hear(self, count: int) -> Callable[[], Awaitable[bool]]:
        async def heard() -> bool:
            return len(self.newest) == count

        return heard

    async def all_see_wrong_codes(self) -> bool:
        return all(view["wrong_codes"] == 1 and view["phase"] == "waiting_for_code" for view in self.newest.values())


async def looks(door: Door) -> float:
    text = (await door.service.get("/metrics")).text
    [line] = [line for line in text.splitlines() if line.startswith("gateway_view_reads_total ")]
    return float(line.split()[1])
