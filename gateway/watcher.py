"""Sends view changes to listeners. Watches each flow once for all its listeners, and reads it only after a change.

A long poll of the Temporal history returns new events as they occur; the published view is read only after a step of
the flow, and needs no worker. Independent of HTTP.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from phone_mfa.client import Flows
from phone_mfa.client.errors import FailedFlowError, FlowsError, UnknownFlowError, UnreadableFlowError
from phone_mfa.contracts import Outcome
from phone_mfa.contracts.live_view import resend_possible_at

from .etag import ViewDocument
from .metrics import Metrics

RECHECK: Final = 15.0
"""Seconds until a listener whose access has ended is disconnected."""

COALESCE: Final = 0.1
"""Seconds within which steps count as one. The check of a code takes two; only the second one matters."""

CLOCK_SKEW: Final = 0.1
"""Extra seconds to wait for time-based changes, to allow for clock skew."""

LONGEST_PAUSE: Final = 5.0
"""Maximum seconds between attempts to watch a flow again after errors. Short, since users are waiting."""

_log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class End:
    """The end of a flow: its outcome, or the error if there is none."""

    outcome: Outcome | None = None
    error: FlowsError | None = None


@dataclass
class _Watch:
    """A flow with listeners."""

    listeners: int = 0
    newest: ViewDocument | None = None
    end: End | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def publish(self, seen: ViewDocument | None = None, end: End | None = None) -> None:
        """Notify all listeners."""
        self.newest, self.end = seen or self.newest, end
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class Watcher:
    """All flows with listeners."""

    def __init__(self, metrics: Metrics, recheck: float = RECHECK) -> None:
        self._watches: dict[tuple[str, str], _Watch] = {}
        self._metrics, self._recheck = metrics, recheck

    def listeners(self, flow_id: str, run_id: str) -> int:
        """The current number of listeners of a run."""
        watch = self._watches.get((flow_id, run_id))
        return watch.listeners if watch else 0

    async def follow(
        self, flows: Flows, flow_id: str, run_id: str, allowed: Callable[[], bool]
    ) -> AsyncIterator[ViewDocument | End]:
        """Yields the view now and after each change, then an ``End``. ``flows`` must be limited to that run.

        Slow consumers skip intermediate updates. Stops when ``allowed`` returns false.
        """
        async with self._listening(flows, flow_id, run_id) as watch:
            sent = None
            while allowed():
                changed = watch.changed
                if watch.newest is not None and watch.newest is not sent:
                    sent = watch.newest
                    yield sent
                if watch.end:
                    yield watch.end
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._recheck):
                        await changed.wait()

    @asynccontextmanager
    async def _listening(self, flows: Flows, flow_id: str, run_id: str) -> AsyncIterator[_Watch]:
        watch = self._watches.setdefault((flow_id, run_id), _Watch())
        watch.listeners += 1
        watch.task = watch.task or asyncio.create_task(self._watch(watch, flows, flow_id))
        self._metrics.listeners.inc()
        self._metrics.watched.set(len(self._watches))
        try:
            yield watch
        finally:
            watch.listeners -= 1
            self._metrics.listeners.dec()
            if not watch.listeners:
                del self._watches[flow_id, run_id]
                watch.task.cancel()
            self._metrics.watched.set(len(self._watches))

    async def _watch(self, watch: _Watch, flows: Flows, flow_id: str) -> None:
        pauses = _pauses()
        while True:
            seen = watch.newest
            try:
                return await self._until_over(watch, flows, flow_id)
            except (FailedFlowError, UnknownFlowError, UnreadableFlowError) as error:
                watch.publish(end=End(error=error))
                return
            except FlowsError as error:
                _log.info("flow.not_watched", flow=flow_id, reason=str(error))
            except Exception:
                _log.exception("flow.not_watched", flow=flow_id)
            if watch.newest is not seen:  # watching had worked for a while
                pauses = _pauses()
            await asyncio.sleep(next(pauses))

    async def _until_over(self, watch: _Watch, flows: Flows, flow_id: str) -> None:
        async with _steps(flows, flow_id) as steps:
            while await steps.one_or_more(until=resend_possible_at(watch.newest.view) if watch.newest else None):
                await self._read_view(watch, flows, flow_id)
        await self._read_view(watch, flows, flow_id)
        watch.publish(end=End((await flows.result(flow_id)).outcome))

    async def _read_view(self, watch: _Watch, flows: Flows, flow_id: str) -> None:
        self._metrics.view_reads.inc()
        seen = ViewDocument.of(await flows.view(flow_id))
        if watch.newest is None or seen.tag != watch.newest.tag:
            watch.publish(seen)


def _pauses() -> Iterator[float]:
    """Yields the seconds between attempts: exponential backoff with jitter."""
    pause = 1.0
    while True:
        yield pause * random.uniform(0.5, 1)  # noqa: S311 - no secret
        pause = min(2 * pause, LONGEST_PAUSE)


class _Steps:
    """The steps of a flow; steps close together count as one."""

    def __init__(self, source: AsyncGenerator[bool, None]) -> None:
        self._source = source
        self._next = asyncio.ensure_future(anext(source, None))

    async def one_or_more(self, until: datetime | None) -> bool:
        """Wait for the next step, or ``until`` the view changes without one. Returns false when the flow is over."""
        if until and until > datetime.now(UTC) and not await self._comes_before(until):
            return True
        while await self._next:
            self._next = asyncio.ensure_future(anext(self._source, None))
            done, _ = await asyncio.wait({self._next}, timeout=COALESCE)
            if not done:
                return True
        return False

    async def _comes_before(self, at: datetime) -> bool:
        seconds = (at - datetime.now(UTC)).total_seconds() + CLOCK_SKEW
        done, _ = await asyncio.wait({self._next}, timeout=seconds)
        return bool(done)

    async def close(self) -> None:
        """Stop waiting for steps."""
        self._next.cancel()
        await asyncio.gather(self._next, return_exceptions=True)
        await self._source.aclose()


@asynccontextmanager
async def _steps(flows: Flows, flow_id: str) -> AsyncIterator[_Steps]:
    steps = _Steps(flows.steps(flow_id))
    try:
        yield steps
    finally:
        await steps.close()
