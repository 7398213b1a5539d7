"""What a gateway does with open streams when it stops."""

import uuid
from contextlib import AsyncExitStack

import httpx

from tests.integration.flows.stage import NUMBER
from tests.integration.gateway.door import bearer, events_in
from tests.system.gateway.installation import Installation


async def test_streams_end_in_good_order_when_the_gateway_does(installation: Installation) -> None:
    started = await installation.start("enrollments", user=str(uuid.uuid4()), phone_number=NUMBER)
    path, headers = f"/v1/flows/{started['flow_id']}/events", bearer(started["flow_token"])
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http, AsyncExitStack() as streams:
        async with installation.another_gateway() as address:
            answer = await streams.enter_async_context(http.stream("GET", address + path, headers=headers))
            events = events_in(answer)
            first = await anext(events)
        rest = [event async for event in events]  # raises when it breaks off

    assert (first["event"], rest) == ("view", [])
    assert "error" not in installation.processes.log("another-gateway").read_text()
