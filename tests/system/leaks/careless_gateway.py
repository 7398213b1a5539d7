"""Gateways that tell what they should not: one of ours with settings that do, and one whose metrics name what came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from gateway.context import GatewayContext
from gateway.flow_tokens import FlowTokens
from gateway.idempotency import UsedKeys
from gateway.metrics import Metrics
from gateway.rate_limits import RateLimits
from gateway.watcher import Watcher
from phone_mfa.api_keys import ApiKeys, KeyList
from phone_mfa.client import Flows
from tests.integration.gateway.door import serving
from tests.keys import KEYS
from tests.system.leaks.gateway import shown
from tests.system.leaks.places import Place, metrics_of_gateway
from tests.system.leaks.plant import Plant
from tests.system.leaks.stack import Stack


@asynccontextmanager
async def told_by_settings(stack: Stack, plant: Plant) -> AsyncIterator[Place]:
    """What a page is told of a gateway, which writes its task queue down."""
    settings = {
        "PHONE_MFA_TASK_QUEUE": f"ours-{plant.spelled}",
        "PHONE_MFA_GATEWAY_RETURN_URL": f"https://{plant.spelled}.example",
    }
    async with (
        stack.gateway("careless gateway", **settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        yield Place("gateway answers", "careless gateway", shown(await http.get("/assets/config.json")))


async def told_by_metrics(flows: Flows, plant: Plant) -> Place:
    """What a gateway counts that takes what came for one of its routes."""
    metrics = Metrics()
    metrics.answered("GET", plant.spelled, 200, 0.0)
    served = GatewayContext(
        flows=flows,
        keys=ApiKeys(KeyList()),
        tokens=FlowTokens(KEYS, timedelta(minutes=1)),
        rates=RateLimits("1/minute", "1/minute"),
        watching=Watcher(metrics),
        metrics=metrics,
        used_keys=UsedKeys(),
    )
    async with serving(served) as address:
        return await metrics_of_gateway("careless gateway", address)
