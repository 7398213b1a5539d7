"""One run of a plan: starts everything, injects faults, recovers and checks."""

import asyncio
import contextlib
import shutil
import signal
import tempfile
import time
from pathlib import Path

from . import report
from .callers import Caller
from .faults import Faults
from .lookers import Lookers
from .over_client import FlowsCaller
from .over_http import HttpCaller
from .people import Person
from .plan import Habits, Plan
from .processes import ROOT
from .stack import KEYS, Stack, running
from .tally import Tally
from .tenant import Tenant
from .verification import Verification


async def play(plan: Plan, keep: Path | None) -> int:
    """Run a plan to its end and return the exit code. ``keep``: the folder for evidence of violations."""
    keep = keep and keep / f"{plan.name}-seed-{plan.seed}"
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="phone-mfa-chaos-") as name:
        folder, tally = Path(name), Tally()
        report.say(f"{plan.name}, seed {plan.seed}: {len(plan.people)} people, {len(plan.faults)} faults")
        report.say(f"the code is that of {ROOT}")
        async with running(folder, plan.workers, versions=plan.versions) as stack:
            await _play(plan, stack, tally, keep)
        left = stack.processes.left_over()
        if left:
            tally.violated("processes are left over", str(left))
        report.summary(tally)
        if keep and tally.violations:
            _keep_logs(folder, keep)
            (keep / "timeline.txt").write_text("".join(f"{line}\n" for line in tally.timeline))
    return 1 if tally.violations else 0


async def _play(plan: Plan, stack: Stack, tally: Tally, keep: Path | None) -> None:
    tenant = Tenant(stack.http, stack.emulator)
    await tenant.prepare(plan.people)
    tally.began = time.monotonic()
    until = tally.began + plan.seconds + plan.settle_seconds
    people = [Person(habits, _caller(stack, tally, habits), tenant, tally, until) for habits in plan.people]
    progress = asyncio.create_task(report.progress(people, tally))
    living = [asyncio.create_task(person.live()) for person in people]
    try:
        async with Lookers(stack, people, tally, plan.seed).looking(plan.lookers):
            await Faults(stack, tenant, tally).strike(plan.faults)
            await asyncio.sleep(max(0.0, tally.began + plan.seconds - time.monotonic()))
            await tenant.clear_faults()
            await stack.until_ready()
            report.say(f"{tally.seconds:6.0f} s  no more faults: everything is back")
            await asyncio.gather(*living)
        report.say(f"{tally.seconds:6.0f} s  everybody is done, or has no more time: checking")
        await stack.renew_workers()
        await Verification(stack, tenant, people, tally, keep).everything()
    finally:
        for task in (progress, *living):
            task.cancel()
        await asyncio.gather(progress, *living, return_exceptions=True)


def _caller(stack: Stack, tally: Tally, habits: Habits) -> Caller:
    if habits.direct:
        return FlowsCaller(stack.flows, tally, habits.kind, habits.email)
    return HttpCaller(stack, tally, habits.kind, habits.email)


def _keep_logs(folder: Path, keep: Path) -> None:
    """Save the processes' output, and the keys of this run to read and replay its histories."""
    keep.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, keep)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy(folder / KEYS, keep)
