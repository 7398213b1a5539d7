"""A gateway that serves at a socket, and those who come to it: a service with its key, browsers with their tokens."""

import asyncio
import json
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from gateway.app import build
from gateway.context import DEADLINE, HEARTBEAT, GatewayContext, LoginContext
from gateway.flow_tokens import FlowTokens
from gateway.idempotency import UsedKeys
from gateway.metrics import Metrics
from gateway.rate_limits import RateLimits
from gateway.watcher import Watcher
from phone_mfa.api_keys import add_key, api_keys
from phone_mfa.client import Flows
from phone_mfa.encryption import KeyringSource
from phone_mfa.serving import config_of
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, Stage
from tests.keys import KEYS

ORIGIN = "https://app.example.com"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For plain HTTP: the default context takes 30 ms to read the certificates of all authorities."""


@dataclass(frozen=True)
class Door:
    """A gateway. ``service``: asks with an API key. ``key_file``: where that is listed."""

    service: httpx.AsyncClient
    anybody: httpx.AsyncClient
    key: str
    key_file: Path
    served: GatewayContext
    stage: Stage

    async def enroll(
        self, *, headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None, **body: Any
    ) -> httpx.Response:
        """Start an enrollment, of a user of its own unless told."""
        given = {"user": str(uuid.uuid4()), "phone_number": NUMBER, "mfa_token": LOGIN_TOKEN} | body
        with self.stage.engine.with_time_skipping_disabled():
            return await self.service.post("/v1/enrollments", json=given, headers=headers)

    async def challenge(self, **body: Any) -> httpx.Response:
        given = {"user": str(uuid.uuid4()), "mfa_token": LOGIN_TOKEN} | body
        with self.stage.engine.with_time_skipping_disabled():
            return await self.service.post("/v1/challenges", json=given)

    async def enrolling(self, **body: Any) -> tuple[str, dict[str, str]]:
        """A flow whose code is awaited, and the headers of the browser that takes part in it."""
        started = (await self.enroll(**body)).json()
        await self.stage.message(started["flow_id"], 1)
        return started["flow_id"], bearer(started["flow_token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def opened(
    stage: Stage,
    folder: Path,
    flows: Flows | None = None,
    deadline: float = DEADLINE,
    signing: KeyringSource = KEYS,
    heartbeat: int = HEARTBEAT,
    login: LoginContext | None = None,
    **rates: str,
) -> AsyncIterator[Door]:
    """A gateway, until the end of the block. ``signing``: what it signs flow tokens with."""
    key_file = folder / "api-keys.json"
    key = add_key(key_file, "onboarding")
    metrics = Metrics()
    served = GatewayContext(
        flows=flows or stage.flows,
        keys=api_keys(str(key_file)),
        tokens=FlowTokens(signing, timedelta(minutes=30)),
        rates=RateLimits(rates.get("key", "6000/minute"), rates.get("flow", "600/minute")),
        watching=Watcher(metrics, recheck=0.2),
        deadline=deadline,
        heartbeat=heartbeat,
        metrics=metrics,
        used_keys=UsedKeys(),
        origins=(ORIGIN,),
        return_origins=frozenset({ORIGIN}),
        login=login,
    )
    async with (
        serving(served) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(key), verify=PLAIN, trust_env=False, timeout=60) as service,
        httpx.AsyncClient(base_url=address, verify=PLAIN, trust_env=False, timeout=60) as anybody,
    ):
        yield Door(service, anybody, key, key_file, served, stage)


@asynccontextmanager
async def serving(served: GatewayContext) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = uvicorn.Server(config_of(build(served)))
    task = asyncio.create_task(server._serve([listening]))  # serve() would take the signals of the tests
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def problem_in(answer: httpx.Response) -> str:
    """The name of the problem, of a document that is whole."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    return str(document["type"]).removeprefix("urn:phone-mfa:problem:")


async def events_in(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The events of a stream, each with its ``event``, ``id`` and ``data``."""
    event: dict[str, Any] = {}
    async for line in answer.aiter_lines():
        if not line:
            if event:
                yield event | {"data": json.loads(event["data"])}
            event = {}
        elif not line.startswith(":"):
            name, _, text = line.partition(": ")
            event[name] = text
