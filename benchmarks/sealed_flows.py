"""Measures the cost of sealing for a whole flow: `python -m benchmarks.sealed_flows`.

Runs enrollments on a real Temporal server, with a fake Auth0 that responds instantly, so that the measured CPU is the
flow's: client and worker, which share a process here. The codec's own time is measured in the same run.
"""

import argparse
import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment

from benchmarks.instant_auth0 import CODE, InstantAuth0
from phone_mfa import logs
from phone_mfa.client import Flows
from phone_mfa.contracts import BindingCode, Outcome, StartEnrollment
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption import KeyringSource, MarkingCodec, keyring_source_of
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.temporal import data_converter
from worker import build_workers

_HEADINGS = ("flows", "CPU ms/flow", "codec ms/flow", "share", "sealed/flow", "opened/flow", "bytes/flow")


@dataclass
class Cost:
    """The cost of sealing: CPU seconds, payloads, bytes."""

    seconds: float = 0.0
    sealed: int = 0
    opened: int = 0
    sealed_bytes: int = 0


class TimedCodec(MarkingCodec):
    """The codec, and how much CPU it took of the thread it ran in. Its copies for each flow add to the same cost."""

    def __init__(self, source: KeyringSource, namespace: str) -> None:
        super().__init__(source, namespace)
        self.cost = Cost()

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal each payload and measure the time."""
        start = time.thread_time()
        done = [self.sealed(payload) for payload in payloads]
        self.cost.seconds += time.thread_time() - start
        self.cost.sealed += len(done)
        self.cost.sealed_bytes += sum(len(payload.data) for payload in done)
        return done

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open each payload and measure the time."""
        start = time.thread_time()
        done = [self.opened(payload) for payload in payloads]
        self.cost.seconds += time.thread_time() - start
        self.cost.opened += len(done)
        return done


@dataclass(frozen=True)
class Played:
    """A stage with a measured codec."""

    flows: Flows
    codec: TimedCodec

    async def enroll(self) -> None:
        """One enrollment from the start to the result."""
        request = StartEnrollment(phone_number=SecretStr("+15555550123"), mfa_token=SecretStr("x" * 1986))
        started = await self.flows.enroll(str(uuid.uuid4()), request)
        await self.flows.check_binding_code(started.flow_id, BindingCode(code=SecretStr(CODE), submission_id="one"))
        result = await self.flows.result(started.flow_id)
        assert result.outcome is Outcome.ENROLLED  # noqa: S101 - what is measured must work


def main() -> int:
    """Measure, and print one row per round."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sealed_flows", description=__doc__)
    parser.add_argument("--flows", type=int, default=50, help="flows per round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds after a warm-up round")
    options = parser.parse_args()
    logs.configure(json=False, level=logs.Level.ERROR)
    asyncio.run(_measure(options.flows, options.rounds))
    return 0


async def _measure(flows: int, rounds: int) -> None:
    async with _stage() as played:
        await _round(played, flows)
        _write(_HEADINGS)
        for _ in range(rounds):
            _write(await _round(played, flows))


async def _round(played: Played, flows: int) -> tuple[str, ...]:
    cost = played.codec.cost
    vars(cost).update(vars(Cost()))  # in place: the codec's copies add to it
    start = time.process_time()
    for _ in range(flows):
        await played.enroll()
    spent = time.process_time() - start
    counts = (cost.sealed, cost.opened, cost.sealed_bytes)
    times = (f"{spent / flows * 1e3:.2f}", f"{cost.seconds / flows * 1e3:.2f}", f"{cost.seconds / spent:.1%}")
    return (str(flows), *times, *(f"{count / flows:.0f}" for count in counts))


@asynccontextmanager
async def _stage() -> AsyncIterator[Played]:
    source: KeyringSource = keyring_source_of(new_ring().text())
    codec, ours = TimedCodec(source, "default"), data_converter(source, "default")
    converter = DataConverter(
        payload_converter_class=ours.payload_converter_class,
        payload_codec=codec,
        failure_converter_class=ours.failure_converter_class,
    )
    attributes = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    temporal = str(Path(sys.executable).with_name("temporal"))
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal,
        dev_server_extra_args=attributes,
        data_converter=converter,
    ) as engine:
        working, calls = build_workers(engine.client, InstantAuth0().all, task_queue="flows")
        async with working, calls:
            flows = Flows(engine.client, tenant="t", keys=source, task_queue="flows")
            yield Played(flows, codec)


def _write(cells: tuple[str, ...]) -> None:
    sys.stdout.write("".join(f"{cell:>15}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
