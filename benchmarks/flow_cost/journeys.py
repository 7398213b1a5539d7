"""The journey, the same for both: start, wait for the message, a wrong code, the right code, the result."""

import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from pydantic import SecretStr
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from phone_mfa.client import Flows
from phone_mfa.contracts import BindingCode, Outcome, StartEnrollment
from phone_mfa.encryption import keyring_source_of
from phone_mfa.encryption.codec import SealingCodec
from phone_mfa.settings import FlowSettings
from phone_mfa.temporal import data_converter

from .auth0 import RIGHT_CODE, WRONG_CODE
from .bare import BareEnrollment

_NUMBER: Final = "+15555550123"
_PATIENCE: Final = timedelta(seconds=30)
_MFA_TOKEN: Final = "x" * 1986
"""As long as a recorded one."""


@dataclass(frozen=True)
class Played:
    """Measurements of one flow. Times in seconds. ``verdicts``: from each code to its verdict."""

    flow_id: str
    sent: float
    verdicts: tuple[float, float]


class WrongError(Exception):
    """A flow returned an unexpected response, so the measurement is invalid."""


class Journey(Protocol):
    """A caller of one flow. ``codec``: opens sealed payloads in its history."""

    codec: SealingCodec

    async def play(self) -> Played:
        """Run one flow from start to result. Raises ``WrongError``."""


class Ours:
    """The journey with this project's client."""

    def __init__(self, flows: Flows, codec: SealingCodec) -> None:
        self._flows, self.codec = flows, codec

    @classmethod
    async def at(cls, temporal: str) -> "Ours":
        """Connect to a server, with the keys from the environment."""
        keys = keyring_source_of(os.environ["PHONE_MFA_KEYS"])
        client = await Client.connect(temporal, data_converter=data_converter(keys, "default"))
        queue = FlowSettings.read().task_queue
        flows = Flows(client, tenant="tenant", keys=keys, task_queue=queue)
        return cls(flows, SealingCodec(keys, "default"))

    async def play(self) -> Played:
        """Run one enrollment."""
        began = time.perf_counter()
        request = StartEnrollment(phone_number=SecretStr(_NUMBER), mfa_token=SecretStr(_MFA_TOKEN))
        started = await self._flows.enroll(str(uuid.uuid4()), request, until_sent=_PATIENCE)
        sent, flow_id, flow = time.perf_counter(), started.flow_id, self._flows.in_run(started.run_id)
        if not (started.receipt and started.receipt.sent):
            raise WrongError(started.receipt)
        wrong = await self._verdict(flow, flow_id, WRONG_CODE, "wrong")
        right = await self._verdict(flow, flow_id, RIGHT_CODE, "accepted")
        if (await flow.result(flow_id)).outcome is not Outcome.ENROLLED:
            raise WrongError
        return Played(flow_id, sent - began, (wrong, right))

    async def _verdict(self, flow: Flows, flow_id: str, code: str, expected: str) -> float:
        began = time.perf_counter()
        verdict = await flow.check_binding_code(flow_id, BindingCode(code=SecretStr(code)))
        if verdict.verdict != expected:
            raise WrongError(verdict.verdict)
        return time.perf_counter() - began


class Bare:
    """The journey with Temporal's own client."""

    def __init__(self, client: Client, queue: str, codec: SealingCodec) -> None:
        self._client, self._queue, self.codec = client, queue, codec

    @classmethod
    async def at(cls, temporal: str) -> "Bare":
        """Connect to a server."""
        codec = SealingCodec(keyring_source_of(os.environ["PHONE_MFA_KEYS"]), "default")
        return cls(await Client.connect(temporal), os.environ["PHONE_MFA_TASK_QUEUE"], codec)

    async def play(self) -> Played:
        """Run one enrollment."""
        began = time.perf_counter()
        flow_id = str(uuid.uuid4())
        start = WithStartWorkflowOperation(
            BareEnrollment.run,
            {"phone_number": _NUMBER, "mfa_token": _MFA_TOKEN},
            id=flow_id,
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        await self._client.execute_update_with_start_workflow(BareEnrollment.sent, start_workflow_operation=start)
        sent, handle = time.perf_counter(), await start.workflow_handle()
        wrong = await self._verdict(handle, WRONG_CODE, "wrong")
        right = await self._verdict(handle, RIGHT_CODE, "accepted")
        if (await handle.result())["outcome"] != "enrolled":
            raise WrongError
        return Played(flow_id, sent - began, (wrong, right))

    async def _verdict(self, handle: WorkflowHandle[BareEnrollment, dict[str, str]], code: str, expected: str) -> float:
        began = time.perf_counter()
        verdict = await handle.execute_update(BareEnrollment.check_code, code)
        if verdict["verdict"] != expected:
            raise WrongError(verdict["verdict"])
        return time.perf_counter() - began


JOURNEYS: Final[dict[str, Callable[[str], Awaitable[Journey]]]] = {"ours": Ours.at, "bare": Bare.at}
