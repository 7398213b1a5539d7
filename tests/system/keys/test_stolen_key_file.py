"""The list under "If a key file is stolen" in the threat model, by command, while worker and gateway run on."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from temporalio.api.common.v1 import Payload

from gateway.context import GatewayContext
from gateway.flow_tokens import FlowTokens
from gateway.idempotency import UsedKeys
from gateway.metrics import Metrics
from gateway.rate_limits import RateLimits
from gateway.watcher import Watcher
from phone_mfa.api_keys import add_key, api_keys
from phone_mfa.client import Flows, UnknownFlowError
from phone_mfa.contracts import CancelFlow, Outcome, names
from phone_mfa.encryption import SealError, SealingCodec
from phone_mfa.encryption.codec import ENCODING
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.payload_search import payloads_in
from tests.command_line import ROOT, Ran
from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER
from tests.integration.gateway.door import PLAIN, bearer, serving
from tests.integration.keys.installation import Installation

SECTION = (ROOT / "docs/threat-model.md").read_text().split("\n## If a key file is stolen\n")[1]
STEPS = re.findall(r"^(\d+)\. `phone-mfa ([^`]+)`", SECTION, re.MULTILINE)


class Thief:
    """Has a copy of the key file as it was, access to Temporal, and a flow token that a browser once had."""

    def __init__(self, installation: Installation) -> None:
        copy = installation.file.with_name("copy.json")
        shutil.copy(installation.file, copy)
        self.keys = WatchedRing(copy)
        self.client = installation.client_with(self.keys)
        self.flows = Flows(self.client, tenant="tenant", keys=self.keys)
        self.codec = SealingCodec(self.keys, self.client.namespace)
        self.tokens = FlowTokens(self.keys, timedelta(hours=1))

    async def opens(self, flow: str) -> bool:
        """Whether anything of a flow opens."""
        history = await self.client.get_workflow_handle(flow).fetch_history()
        sealed = [each for event in history.events for each in payloads_in(event) if is_sealed(each)]
        assert sealed
        return any(self._opens(payload) for payload in sealed)

    def _opens(self, payload: Payload) -> bool:
        try:
            self.codec.opened(payload)
        except SealError:
            return False
        return True

    async def finds(self, user: str) -> bool:
        """Whether a user's enrollment is found by its name."""
        try:
            await self.flows.described(self.flows.flow_id("enroll", user))
        except UnknownFlowError:
            return False
        return True

    async def cancels(self, flow: str) -> None:
        """Send a message that is sealed with the copy."""
        await self.client.get_workflow_handle(flow).signal(names.CANCEL_FLOW, CancelFlow(reason="stolen"))


def is_sealed(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == ENCODING


class Service:
    """A backend and its users' browsers, before a gateway."""

    def __init__(self, http: httpx.AsyncClient, served: GatewayContext, key: str, installation: Installation) -> None:
        self.http, self.served, self.key, self.installation = http, served, key, installation

    async def enroll(self, user: str) -> Any:
        body = {"user": user, "phone_number": NUMBER, "mfa_token": LOGIN_TOKEN}
        started = (await self.http.post("/v1/enrollments", json=body, headers=bearer(self.key))).json()
        await self.installation.message(started["flow_id"])
        return started

    async def look(self, flow: str, token: str) -> int:
        """The status that a browser gets."""
        return (await self.http.get(f"/v1/flows/{flow}", headers=bearer(token))).status_code

    async def finish(self, started: Any) -> Outcome:
        flow, browser = started["flow_id"], bearer(started["flow_token"])
        answer = await self.http.post(f"/v1/flows/{flow}/binding-code", json={"code": RIGHT_CODE}, headers=browser)
        assert answer.json()["verdict"] == "accepted", answer.text
        return (await self.installation.flows.result(flow)).outcome

    def forged(self, thief: Thief, started: Any) -> str:
        """A token that the thief signs for a flow, who has read all that is in a real one."""
        real = jwt.decode(started["flow_token"], options={"verify_signature": False})
        return thief.tokens.issue(real["sub"], real["run"], real["key"])[0]


@pytest.fixture
async def service(installation: Installation, tmp_path: Path) -> AsyncIterator[Service]:
    """A service whose gateway and worker run until the end of the test."""
    async with installation.worker(), opened(installation, tmp_path / "api-keys.json") as service:
        yield service


@asynccontextmanager
async def opened(installation: Installation, list_of_keys: Path) -> AsyncIterator[Service]:
    key, metrics = add_key(list_of_keys, "onboarding"), Metrics()
    served = GatewayContext(
        flows=installation.flows,
        keys=api_keys(str(list_of_keys)),
        tokens=FlowTokens(installation.source, timedelta(minutes=30)),
        rates=RateLimits("6000/minute", "600/minute"),
        watching=Watcher(metrics, recheck=0.2),
        metrics=metrics,
        used_keys=UsedKeys(),
    )
    async with (
        serving(served) as address,
        httpx.AsyncClient(base_url=address, verify=PLAIN, trust_env=False, timeout=60) as http,
    ):
        yield Service(http, served, key, installation)


class Owner:
    """Works through the list."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.old = installation.source.ring().current
        self.steps = iter(STEPS)

    async def step(self, number: int, command: str, flows: Sequence[str] = ("",)) -> list[Ran]:
        """Run the next step's command, which must be this one, for each of these flows."""
        assert next(self.steps) == (str(number), command)
        told = []
        for flow in flows:
            words = command.replace("OLD", self.old).replace("FLOW", flow).split()
            told.append(await self.installation.run(*words, *(["--no-wait"] if "forget" in words else [])))
        self.installation.source.ring(having="whatever is new")
        return told


@pytest.mark.timeout(300)  # Temporal took 80 s to delete the flows
async def test_after_the_list_the_copy_opens_nothing_new_signs_no_accepted_token_and_finds_no_flow(
    installation: Installation, service: Service
) -> None:
    bob = await service.enroll("bob")
    assert await service.finish(bob) is Outcome.ENROLLED
    ada = await service.enroll("ada")
    thief, owner = Thief(installation), Owner(installation)
    assert await service.look(ada["flow_id"], service.forged(thief, ada)) == 200
    assert (await thief.opens(ada["flow_id"]), await thief.finds("ada"), await thief.finds("bob")) == (True, True, True)

    assert [ran.code for ran in await owner.step(1, "keys rotate --revoke-tokens")] == [0]
    assert await service.look(ada["flow_id"], service.forged(thief, ada)) == 401
    eve = await service.enroll("eve")
    assert not await thief.opens(eve["flow_id"])
    await installation.running(2)

    (refused,) = await owner.step(2, "keys drop OLD")
    assert (refused.code, ada["flow_id"] in refused.err, eve["flow_id"] in refused.err) == (1, True, False)
    await owner.step(3, "cancel FLOW", [ada["flow_id"]])
    assert (await installation.flows.result(ada["flow_id"])).outcome is Outcome.CANCELLED
    await installation.running(1)
    assert [ran.code for ran in await owner.step(4, "forget FLOW", [bob["flow_id"], ada["flow_id"]])] == [0, 0]
    assert [ran.code for ran in await owner.step(5, "keys drop OLD")] == [0]
    assert await service.finish(eve) is Outcome.ENROLLED
    await installation.running(0)
    assert [ran.code for ran in await owner.step(6, "keys rename")] == [0]
    assert [ran.code for ran in await owner.step(7, "forget FLOW", [eve["flow_id"]])] == [0]
    assert next(owner.steps, None) is None

    ada = await service.enroll("ada")
    assert await service.look(ada["flow_id"], service.forged(thief, ada)) == 401
    assert not await thief.opens(ada["flow_id"])
    await thief.cancels(ada["flow_id"])
    assert await service.finish(ada) is Outcome.ENROLLED
    assert await service.look(ada["flow_id"], ada["flow_token"]) == 200
    await forgotten(installation, [bob, eve])
    assert [await thief.finds(user) for user in ("ada", "bob", "eve")] == [False, False, False]


async def forgotten(installation: Installation, started: Sequence[Any]) -> None:
    """Wait until Temporal has deleted these flows."""
    gone = await asyncio.gather(*(installation.flows.until_forgotten(each["flow_id"]) for each in started))
    assert gone == [True] * len(gone)
