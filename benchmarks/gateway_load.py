"""Measures waiting times at the gateway, and the cost of listening: `python -m benchmarks.gateway_load`.

Real processes: Temporal's dev server, the emulator, a worker, a gateway. First, people enroll: each logs in, has a flow
started by a service, follows its events, reads the code on the phone after a while, and enters it; some enter a wrong
one first, some request a resend. Then many listen to a few flows, each of which changes once. The exit status is 1 if a
response was wrong; speed is reported but not judged.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from starter.local.stack import Stack

from .gateway_stack import running, spent
from .people import Person
from .wire import ClosedError, Wire, WrongAnswerError, parsed

_PATIENCE: Final = 40
"""Seconds until an expected event counts as missing."""
_RESEND_AFTER: Final = 10
"""Seconds until a resend is allowed: less than the default, to keep the run short."""
_SETTLED: Final = 2.0
"""Seconds without an event after which no more are expected."""


class Phones:
    """All phones of the tenant, read over one stream."""

    def __init__(self, port: int) -> None:
        self._wire = Wire(port)
        self._arrived: defaultdict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)

    async def listen(self) -> None:
        """Receive messages forever."""
        async for event in self._wire.events("/_control/messages/stream"):
            if event.name == "message":
                message = json.loads(event.data)
                self._arrived[message["to"]].put_nowait(message["code"])

    async def next_code(self, number: str) -> str:
        """Return the phone's next message."""
        return await asyncio.wait_for(self._arrived[number].get(), _PATIENCE)


@dataclass
class Seconds:
    """Durations, by kind."""

    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def of(self, what: str, asked: Coroutine[Any, Any, Any]) -> Any:
        """Await a response and record its duration."""
        start = time.monotonic()
        answer = await asked
        self.taken[what].append(time.monotonic() - start)
        return answer


@dataclass
class Listener:
    """A client that follows a flow. ``views``: each view received, with its time."""

    views: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    outcome: str | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, wire: Wire, flow_id: str, token: str) -> None:
        """Listen until the flow has ended."""
        try:
            async for event in wire.events(f"/v1/flows/{flow_id}/events", token):
                told = json.loads(event.data)
                if event.name == "view":
                    self.views.append((time.monotonic(), told))
                else:
                    self.outcome = told.get("outcome")
                self.changed.set()
        except ClosedError:
            self.outcome = "the stream broke off"
        finally:
            self.ended.set()

    def was_told(self) -> bool:
        """Return whether anything was received."""
        return bool(self.views)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until a condition on the received views holds."""
        async with asyncio.timeout(_PATIENCE):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Stage:
    """The stack under test. ``looks``: the gateway's reads of flows for listeners."""

    stack: Stack
    phones: Phones
    seconds: Seconds = field(default_factory=Seconds)

    async def log_in(self, person: Person) -> str:
        """Return the ``mfa_token`` of a fresh login."""
        return str((await self._once(self.stack.ports.auth0, person.login))["mfa_token"])

    async def start(self, person: Person, policy: dict[str, Any] | None = None) -> dict[str, Any]:
        """Start a flow for a person, as a service does."""
        asked = {
            "user": person.email,
            "phone_number": person.phone_number,
            "mfa_token": await self.log_in(person),
            "policy": policy or {},
        }
        wire = Wire(self.stack.ports.gateway)
        try:
            answer = await self.seconds.of(
                "start", wire.ask("POST", "/v1/enrollments", asked, bearer=self.stack.api_key)
            )
        finally:
            wire.close()
        return parsed(answer, 201)

    async def looks(self) -> int:
        """Return how often the gateway has read a view so far."""
        wire = Wire(self.stack.ports.gateway)
        status, body = await wire.ask("GET", "/metrics")
        wire.close()
        lines = [line for line in body.decode().splitlines() if line.startswith("gateway_view_reads_total ")]
        if status != 200 or not lines:
            raise WrongAnswerError("there are no metrics")
        return int(float(lines[0].split()[1]))

    async def _once(self, port: int, request: bytes) -> dict[str, object]:
        wire = Wire(port)
        try:
            return parsed(await wire.send(request), 403)
        finally:
            wire.close()


@dataclass(frozen=True)
class Habits:
    """The behavior of one person. Times in seconds."""

    arrives: float
    thinks: float
    thinks_again: float
    is_wrong: bool
    asks_again: bool

    @classmethod
    def of(cls, options: argparse.Namespace, chance: random.Random) -> "Habits":
        """Return a random behavior."""
        return cls(
            chance.uniform(0, options.arriving),
            chance.uniform(*options.thinking),
            chance.uniform(3, 10),
            chance.random() < options.wrong,
            chance.random() < options.resend,
        )


async def enroll(stage: Stage, person: Person, habits: Habits) -> Listener:
    """One person, from their arrival to the end of their flow. Raises ``WrongAnswerError``."""
    await asyncio.sleep(habits.arrives)
    started = await stage.start(person, {"resend_after_seconds": [_RESEND_AFTER]} if habits.asks_again else None)
    flow, token = str(started["flow_id"]), str(started["flow_token"])
    listener, browser, stream = Listener(), Wire(stage.stack.ports.gateway), Wire(stage.stack.ports.gateway)
    following = asyncio.create_task(listener.follow(stream, flow, token))
    try:
        code = await stage.phones.next_code(person.phone_number)
        await asyncio.sleep(habits.thinks)
        if habits.asks_again:
            code = await _another(stage, person, flow, token, browser, listener)
            await asyncio.sleep(habits.thinks_again)
        if habits.is_wrong:
            await _type(stage, browser, flow, token, _other_than(code), "wrong")
            await asyncio.sleep(habits.thinks_again)
        await _type(stage, browser, flow, token, code, "accepted")
        await stage.seconds.of("verdict -> end told", asyncio.wait_for(listener.ended.wait(), _PATIENCE))
        await following
    finally:
        following.cancel()
        browser.close()
        stream.close()
    if listener.outcome != "enrolled":
        raise WrongAnswerError(f"a flow ended as {listener.outcome}")
    return listener


async def _type(stage: Stage, browser: Wire, flow: str, token: str, code: str, verdict: str) -> None:
    body = {"code": code, "submission_id": str(uuid.uuid4())}
    asked = browser.ask("POST", f"/v1/flows/{flow}/binding-code", body, bearer=token)
    found = parsed(await stage.seconds.of("code -> verdict", asked), 200)
    if found["verdict"] != verdict:
        raise WrongAnswerError(f"a code was found {found['verdict']} that is {verdict}")


async def _another(stage: Stage, person: Person, flow: str, token: str, browser: Wire, listener: Listener) -> str:
    await listener.until(lambda: bool(listener.views) and bool(listener.views[-1][1]["resend_allowed_at"]))
    allowed = datetime.fromisoformat(str(listener.views[-1][1]["resend_allowed_at"]))
    await asyncio.sleep((allowed - datetime.now(UTC)).total_seconds() + 0.1)
    asked = browser.ask("POST", f"/v1/flows/{flow}/resend", bearer=token)
    parsed(await stage.seconds.of("resend", asked), 200)
    return await stage.phones.next_code(person.phone_number)


def _other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def people(stage: Stage, options: argparse.Namespace) -> int:
    """Have people enroll at human pace. Return how many were served incorrectly."""
    chance = random.Random(options.seed)  # noqa: S311 - nothing is kept secret by it
    crowd = [(Person(serial), Habits.of(options, chance)) for serial in range(options.people)]
    before, looks, began = spent(stage.stack), await stage.looks(), time.monotonic()
    ended = await asyncio.gather(*(enroll(stage, *each) for each in crowd), return_exceptions=True)
    lasted, looks, busy = time.monotonic() - began, await stage.looks() - looks, spent(stage.stack).since(before)
    served = [end for end in ended if isinstance(end, Listener)]
    views = sum(len(listener.views) for listener in served)
    _say(
        f"{options.people} people in {lasted:.0f} s, {sum(habits.is_wrong for _, habits in crowd)} with a wrong code, "
        f"{sum(habits.asks_again for _, habits in crowd)} with another message; {_crowding(crowd)} at the same time"
    )
    _write(("", "times", "p50 ms", "p95 ms", "p99 ms", "max ms"))
    for what in ("code -> verdict", "verdict -> end told", "start", "resend"):
        _write((what, *_figures(stage.seconds.taken[what])))
    wrong = _errors(ended)
    _say(f"errors: {wrong}")
    _busy(busy)
    if served:
        _say(
            f"looks of the gateway: {looks}, {looks / options.people:.1f} a flow; views told: {views}; "
            f"looks for each view: {looks / views:.2f}"
        )
    return wrong


async def listeners(stage: Stage, options: argparse.Namespace) -> int:
    """Have many clients listen to a few flows. Return how many received incorrect views."""
    flows = [await _waiting(stage, Person(options.people + serial)) for serial in range(options.flows)]
    crowd = [(flow, Listener()) for index in range(options.listeners) for flow in [flows[index % len(flows)]]]
    wires = [Wire(stage.stack.ports.gateway) for _ in crowd]
    before = await stage.looks(), spent(stage.stack)
    tasks = [
        asyncio.create_task(listener.follow(wire, flow.flow_id, flow.token))
        for wire, (flow, listener) in zip(wires, crowd, strict=True)
    ]
    try:
        await asyncio.gather(*(listener.until(listener.was_told) for _, listener in crowd))
        await _settle(crowd)
        _say(f"\n{len(crowd)} listeners to {len(flows)} flows; looks to begin with: {await stage.looks() - before[0]}")
        _write(
            ("each flow changed once, by", "views", "looks", "a flow", "a view", "a listener", "told p95", "last ms")
        )
        wrong = await _change(stage, flows, crowd, "a fresh token", _renew)
        wrong += await _change(stage, flows, crowd, "a wrong code", _mistype)
        _busy(spent(stage.stack).since(before[1]))
    finally:
        for task in tasks:
            task.cancel()
        for wire in wires:
            wire.close()
    return wrong


@dataclass(frozen=True)
class Waiting:
    """Start a flow that waits for its code."""

    person: Person
    flow_id: str
    token: str
    code: str


async def _waiting(stage: Stage, person: Person) -> Waiting:
    started = await stage.start(person)
    code = await stage.phones.next_code(person.phone_number)
    return Waiting(person, str(started["flow_id"]), str(started["flow_token"]), code)


async def _renew(stage: Stage, flow: Waiting, wire: Wire) -> None:
    body = {"mfa_token": await stage.log_in(flow.person)}
    parsed(await wire.ask("POST", f"/v1/flows/{flow.flow_id}/mfa-token", body, bearer=stage.stack.api_key), 200)


async def _mistype(stage: Stage, flow: Waiting, wire: Wire) -> None:
    await _type(stage, wire, flow.flow_id, flow.token, _other_than(flow.code), "wrong")


_Change = Callable[[Stage, Waiting, Wire], Coroutine[Any, Any, None]]


async def _change(
    stage: Stage, flows: Sequence[Waiting], crowd: Sequence[tuple[Waiting, Listener]], by: str, change: _Change
) -> int:
    looks = await stage.looks()
    known = [len(listener.views) for _, listener in crowd]
    asked: dict[str, float] = {}
    for flow in flows:
        wire = Wire(stage.stack.ports.gateway)
        asked[flow.flow_id] = time.monotonic()
        await change(stage, flow, wire)
        wire.close()
    await _settle(crowd)
    looks = await stage.looks() - looks
    news = [
        (flow, [at - asked[flow.flow_id] for at, _ in listener.views[count:]])
        for (flow, listener), count in zip(crowd, known, strict=True)
    ]
    views: Counter[str] = Counter()
    for flow, told in news:
        views[flow.flow_id] = max(views[flow.flow_id], len(told))
    last = [told[-1] for _, told in news if told]
    newest: dict[str, set[str]] = defaultdict(set)
    for flow, listener in crowd:
        newest[flow.flow_id].add(json.dumps(listener.views[-1][1]))
    figures = (looks / len(flows), looks / max(1, views.total()), looks / len(crowd))
    _write((by, str(views.total()), str(looks), *(f"{figure:.2f}" for figure in figures), *_figures(last)[2:5:2]))
    untold = sum(not told for _, told in news)
    apart = sum(len(texts) > 1 for texts in newest.values())
    if untold or apart:
        _say(f"{untold} listeners were told nothing, and those of {apart} flows do not agree")
    return untold + apart


async def _settle(crowd: Sequence[tuple[Waiting, Listener]]) -> None:
    """Wait until no more events arrive."""
    known, told = -1, 0
    while known != told:
        await asyncio.sleep(_SETTLED)
        known, told = told, sum(len(listener.views) for _, listener in crowd)


def _crowding(crowd: Sequence[tuple[Person, Habits]]) -> int:
    """Return the maximum number of people present at once, without delays."""
    moves = []
    for _, habits in crowd:
        stays = habits.thinks + habits.thinks_again * (habits.is_wrong + habits.asks_again)
        moves += [(habits.arrives, 1), (habits.arrives + stays, -1)]
    there = fullest = 0
    for _, step in sorted(moves):
        there += step
        fullest = max(fullest, there)
    return fullest


def _errors(ended: Sequence[Listener | BaseException]) -> int:
    errors = [end for end in ended if isinstance(end, BaseException)]
    for text, times in Counter(f"{type(error).__name__}: {error}"[:200] for error in errors).most_common(5):
        sys.stderr.write(f"{times} times {text}\n")
    return len(errors)


def _figures(seconds: Sequence[float]) -> tuple[str, ...]:
    if not seconds:
        return ("0", *4 * ("-",))
    ordered = sorted(seconds)
    shares = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99, 1)]
    return str(len(ordered)), *(f"{share * 1000:.0f}" for share in shares)


def _busy(cores: dict[str, float]) -> None:
    _say("cores busy: " + ", ".join(f"{name} {busy:.2f}" for name, busy in cores.items()))


def _write(cells: Sequence[str]) -> None:
    _say(f"{cells[0]:<26}" + "".join(f"{cell:>11}" for cell in cells[1:]))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@asynccontextmanager
async def _stage(options: argparse.Namespace) -> AsyncIterator[Stage]:
    async with running() as stack:
        wire, phones = Wire(stack.ports.auth0), Phones(stack.ports.auth0)
        people = [Person(serial) for serial in range(options.people + options.flows)]
        seed = {"users": [person.seeded | {"authenticators": []} for person in people]}
        if (answer := await wire.ask("POST", "/_control/seed", seed))[0] >= 300:
            raise WrongAnswerError(f"the users were not made: {answer[1][:200]!r}")
        wire.close()
        listening = asyncio.create_task(phones.listen())
        try:
            yield Stage(stack, phones)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, ClosedError):
                await listening


async def _measure(options: argparse.Namespace) -> int:
    _say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before anything was started")
    async with _stage(options) as stage:
        wrong = await people(stage, options)
        return wrong + await listeners(stage, options)


def main() -> int:
    """Measure both, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway_load", description=__doc__)
    parser.add_argument("--people", type=int, default=500, help="people who enroll (default: %(default)s)")
    parser.add_argument("--arriving", type=float, default=90, help="seconds over which they arrive")
    parser.add_argument("--thinking", type=float, nargs=2, default=(5, 30), help="seconds until the code is entered")
    parser.add_argument("--wrong", type=float, default=0.1, help="share of people who enter a wrong code first")
    parser.add_argument("--resend", type=float, default=0.05, help="share of people who request a resend")
    parser.add_argument("--listeners", type=int, default=1000, help="clients that only listen (default: %(default)s)")
    parser.add_argument("--flows", type=int, default=50, help="flows they listen to (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="random seed")
    return 1 if asyncio.run(_measure(parser.parse_args())) else 0


if __name__ == "__main__":
    sys.exit(main())
