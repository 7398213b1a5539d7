"""Where a flow is played: its own task queue and worker on the real server, with time that moves when told."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from activities.budgets import Budgets
from phone_mfa.client import Flows
from phone_mfa.contracts import (
    Action,
    BindingCode,
    CodeVerdict,
    FlowPolicy,
    FlowView,
    Phase,
    ProvideMfaToken,
    StartChallenge,
    StartEnrollment,
)
from phone_mfa.contracts.calls import Associate
from tests.flow_time import FlowTime
from tests.integration.flows.script import Hold, ScriptedAuth0
from tests.keys import KEYS
from worker import build_workers

NUMBER = "+15555550123"
OTHER_NUMBER = "+15555559876"
LOGIN_TOKEN = "Fe26.2*an*opaque*mfa*token"
ACCESS_TOKEN = "header.claims.signature"
PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.02


class Stage:
    def __init__(self, engine: WorkflowEnvironment, auth0: ScriptedAuth0, cached: int) -> None:
        self.engine, self.auth0, self.cached = engine, auth0, cached
        self.task_queue = f"test-{uuid.uuid4()}"
        self.flows = Flows(engine.client, tenant="tenant", keys=KEYS, task_queue=self.task_queue, clock=self.clock)
        self._ahead = timedelta(0)
        self.flow_time = FlowTime(engine.client)
        self.played: list[str] = []
        self.budgets = Budgets()

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """While inside, flows are worked on."""
        flows, calls = build_workers(
            self.engine.client,
            self.auth0.all,
            task_queue=self.task_queue,
            budgets=self.budgets,
            cached=self.cached,
        )
        async with flows, calls:
            yield

    def user(self, name: str) -> str:
        """A user of this test: others run on the same server."""
        return f"{name} of {self.task_queue}"

    async def enroll(self, *, token: str | None = LOGIN_TOKEN, user: str | None = None, **fields: Any) -> str:
        fields.setdefault("phone_number", NUMBER)
        request = StartEnrollment(mfa_token=token and SecretStr(token), **fields)
        with self.engine.with_time_skipping_disabled():
            started = await self.flows.enroll(user or str(uuid.uuid4()), request)
        self.played.append(started.flow_id)
        return started.flow_id

    async def sending(self) -> tuple[str, Hold]:
        """An enrollment whose first message Auth0 is asked for, and has not answered yet."""
        hold = self.auth0.hold(Associate)
        flow = await self.enroll()
        await hold.reached.wait()
        return flow, hold

    async def challenge(self, *, token: str | None = LOGIN_TOKEN, user: str | None = None, **fields: Any) -> str:
        request = StartChallenge(mfa_token=token and SecretStr(token), **fields)
        with self.engine.with_time_skipping_disabled():
            started = await self.flows.challenge(user or str(uuid.uuid4()), request)
        self.played.append(started.flow_id)
        return started.flow_id

    async def until(self, flow: str, seen: Callable[[FlowView], bool]) -> FlowView:
        """The first view that is as wanted."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            view = await self.flows.view(flow)
            if seen(view):
                return view
            assert time.monotonic() < give_up_at, f"the flow stays at {view!r}"
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def eventually(self, true: Callable[[], Awaitable[bool]], within: float = PATIENCE_SECONDS) -> None:
        """Wait for what the server shows a little later, as lists do."""
        give_up_at = time.monotonic() + within
        while not await true():
            assert time.monotonic() < give_up_at, "it never came true"
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def phase(self, flow: str, phase: Phase) -> FlowView:
        return await self.until(flow, lambda view: view.phase is phase)

    async def message(self, flow: str, number: int) -> FlowView:
        """Wait until message ``number`` was sent and its code is awaited."""
        return await self.until(flow, lambda view: view.message == number and view.phase is Phase.WAITING_FOR_CODE)

    async def allowed(self, flow: str, action: Action) -> FlowView:
        """Wait until this may be asked for."""
        return await self.until(flow, lambda view: action in view.allowed_actions)

    async def later(self, flow: str, **time: float) -> None:
        """Let this much time pass for the flow, or less if it ends meanwhile."""
        await self.flow_time.later(flow, **time)
        if await self.flow_time.runs(flow):
            self._ahead = await self.now(flow) - datetime.now(UTC)
        await self.eventually(lambda: self._is_past_timers(flow))

    async def _is_past_timers(self, flow: str) -> bool:
        """Whether all that was due has fired. Until then, an update was seen to meet the time before the skip."""
        due = {}
        for event in (await self.handle(flow).fetch_history()).events:
            started = event.timer_started_event_attributes
            if started.timer_id:
                due[started.timer_id] = event.event_time.ToDatetime(UTC) + started.start_to_fire_timeout.ToTimedelta()
            due.pop(event.timer_fired_event_attributes.timer_id, None)
            due.pop(event.timer_canceled_event_attributes.timer_id, None)
        now = await self.now(flow)
        return all(at > now for at in due.values()) or not await self.flow_time.runs(flow)

    def clock(self) -> datetime:
        """What time it is for the flow whose time was moved last, and so for those who talk to it."""
        return datetime.now(UTC) + self._ahead

    async def now(self, flow: str) -> datetime:
        """The flow's own time."""
        return await self.flow_time.now(flow)

    async def check(self, flow: str, code: str, **fields: Any) -> CodeVerdict:
        return await self.flows.check_binding_code(flow, BindingCode(code=SecretStr(code), **fields))

    async def submit(self, flow: str, code: str, **fields: Any) -> None:
        await self.flows.submit_binding_code(flow, BindingCode(code=SecretStr(code), **fields))

    async def renew(self, flow: str, token: str = "Fe26.2*a*fresh*token") -> Phase:
        return await self.flows.renew_token(flow, ProvideMfaToken(mfa_token=SecretStr(token)))

    def handle(self, flow: str) -> WorkflowHandle[Any, Any]:
        return self.engine.client.get_workflow_handle(flow)

    async def scheduled(self, flow: str, activity: str) -> int:
        """How often history holds the decision to run this activity."""
        history = await self.handle(flow).fetch_history()
        return sum(
            event.activity_task_scheduled_event_attributes.activity_type.name == activity for event in history.events
        )

    async def record(self, folder: Path, name: str) -> None:
        """Keep the histories of all runs for the replay tests, but never over those that are there."""
        folder.mkdir(exist_ok=True)
        for number, history in enumerate([each for flow in self.played for each in await self._runs_of(flow)], 1):
            file = folder / f"{name}{f'-{number}' if number > 1 else ''}.json"
            if not file.exists():
                file.write_text(json.dumps(json.loads(history.to_json()), separators=(",", ":")) + "\n")

    async def _runs_of(self, flow: str) -> list[WorkflowHistory]:
        """The newest run, and those that it goes on from."""
        histories = [await self.handle(flow).fetch_history()]
        while former := histories[-1].events[0].workflow_execution_started_event_attributes.continued_execution_run_id:
            histories.append(await self.engine.client.get_workflow_handle(flow, run_id=former).fetch_history())
        return histories


def patient(**fields: Any) -> FlowPolicy:
    return FlowPolicy(**fields)


def phone_number(number: str) -> SecretStr:
    return SecretStr(number)
