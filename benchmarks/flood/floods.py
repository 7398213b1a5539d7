"""The two floods, and the checks that the flows withstood them."""

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from pydantic import SecretStr

from benchmarks.flood.kinds import FULL, KINDS, REFUSED, TAKEN, Kind, Target
from benchmarks.flood.stage import Run, Stage
from benchmarks.instant_auth0 import CODE
from phone_mfa.contracts import BindingCode, Outcome, ProvideMfaToken, Verdict

AT_ONCE: Final = 8
"""Temporal accepts ten concurrent updates."""

SIGNALS_AT_ONCE: Final = 64
REPORTS: Final = 20
PATIENCE_SECONDS: Final = 180.0
"""How long the flow with too many signals may take to end. Alone on two cores, it takes some 20 s; more if the SDK,
which allows a step two seconds, retries it.
"""


async def while_it_works(stage: Stage, pokes: int) -> bool:
    """Send a flow messages of every kind. Return whether it then accepts the right code."""
    async with stage.worker():
        target = await stage.enroll()
        await _replace_the_first_message(stage, target)
        await _poke_all(stage, target, pokes)
        accepted = await _take_the_right_code(stage, target)
    _write_counts(target)
    _write_runs(await stage.runs(target.flow))
    return accepted and _all_foreseen(target)


async def before_anybody_works(stage: Stage, signals: int) -> bool:
    """Signal a flow without a worker, and cancel it. Return whether it ends as cancelled once a worker starts."""
    target, start = await stage.enroll(), time.monotonic()
    await _at_once(SIGNALS_AT_ONCE, _pokes(target, [kind for kind in KINDS if kind.by_signal], range(signals)))
    _write(f"without a worker: {signals} signals in {time.monotonic() - start:.1f} s, {await _size(stage, target)}")
    await stage.flows.cancel(target.flow)
    start, outcome = time.monotonic(), None
    async with stage.worker():
        with suppress(TimeoutError):
            outcome = (await asyncio.wait_for(stage.flows.result(target.flow), PATIENCE_SECONDS)).outcome
    _write_counts(target)
    _write(f"with a worker: {outcome or 'no outcome'} after {time.monotonic() - start:.1f} s")
    return outcome is Outcome.CANCELLED and _all_foreseen(target)


async def _replace_the_first_message(stage: Stage, target: Target) -> None:
    await stage.waiting_for_code(target.flow, 1)
    await stage.flows.resend(target.flow)
    await stage.waiting_for_code(target.flow, 2)


async def _poke_all(stage: Stage, target: Target, pokes: int) -> None:
    start, part = time.monotonic(), max(1, pokes // REPORTS)
    for first in range(0, pokes, part):
        numbers = range(first, min(first + part, pokes))
        await _at_once(AT_ONCE, _pokes(target, KINDS, numbers))
        seconds = time.monotonic() - start
        speed = f"{seconds:6.1f} s {numbers.stop / seconds:6.1f}/s"
        _write(f"{numbers.stop:>7} pokes {speed}   newest run: {await _size(stage, target)}")


async def _take_the_right_code(stage: Stage, target: Target) -> bool:
    """If the code expired during the flood, trigger another message with a fresh token."""
    await stage.flows.renew_token(target.flow, ProvideMfaToken(mfa_token=SecretStr("Fe26.2*last")))
    view = await stage.waiting_for_code(target.flow)
    start = time.monotonic()
    verdict = await stage.flows.check_binding_code(target.flow, BindingCode(code=SecretStr(CODE)))
    seconds = time.monotonic() - start
    result = await stage.flows.result(target.flow)
    _write(f"the code of message {view.message}: {verdict.verdict} after {seconds * 1e3:.0f} ms, {result.outcome}")
    return verdict.verdict is Verdict.ACCEPTED and result.outcome is Outcome.ENROLLED


def _pokes(target: Target, kinds: Sequence[Kind], numbers: range) -> Iterator[Awaitable[None]]:
    return (target.poke(kind, number) for kind, number in zip(itertools.cycle(kinds), numbers, strict=False))


async def _at_once(count: int, pokes: Iterator[Awaitable[None]]) -> None:
    async def some() -> None:
        for poke in pokes:
            await poke

    await asyncio.gather(*(some() for _ in range(count)))


async def _size(stage: Stage, target: Target) -> str:
    told = (await stage.flows.described(target.flow)).raw_description.workflow_execution_info
    return f"{told.history_length} events, {told.history_size_bytes / 1024:.0f} KiB"


def _all_foreseen(target: Target) -> bool:
    return {answer for _, answer in target.counted} <= {TAKEN, REFUSED, FULL}


def _write_counts(target: Target) -> None:
    for (kind, answer), count in sorted(target.counted.items()):
        _write(f"{kind:>26} {answer:<22} {count:>6}")


def _write_runs(runs: Sequence[Run]) -> None:
    events, stored, carried = zip(*((run.events, run.stored, run.carried) for run in runs), strict=True)
    _write(f"{len(runs)} runs, {sum(events)} events, {sum(stored) / 1024:.0f} KiB in all")
    _write(
        f"a run: at most {max(events)} events, {max(stored) / 1024:.0f} KiB; begun with at most {max(carried)} bytes"
    )


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
