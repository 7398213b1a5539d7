"""Plan of a run: who arrives when and does what, and which fault occurs when. Derived from a single seed.

The same seed gives the same plan. Results differ from run to run, because process timing varies.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from .stack import EMULATOR, GATEWAY, TEMPORAL, worker_name

WORKERS: Final = "all workers"
"""The target of a fault that leaves no worker."""

TOKEN_SECONDS: Final = 600
"""The lifetime of an mfa_token according to Auth0."""

OOB: Final = "http://auth0.com/oauth/grant-type/mfa-oob"


class Kind(StrEnum):
    """The purpose of a flow."""

    ENROLL = "enroll"
    CHALLENGE = "challenge"


class Journey(StrEnum):
    """What a person does during the flow. All but the last two end with the right code."""

    RIGHT = "right code"
    WRONG = "wrong, then right"
    RESEND = "resend, then right"
    SIGNAL = "code by signal"
    LATE_LOGIN = "late login"
    DUPLICATE = "duplicate start"
    CHANGE = "change of number"
    CANCEL = "cancel"
    ABANDON = "abandoned"


class Word(StrEnum):
    """A message to a waiting flow."""

    WRONG_CODE = "wrong code"
    RESEND = "resend"
    TOKEN = "token by signal"  # noqa: S105 - a name
    RENEW = "token by update"


class FaultKind(StrEnum):
    """What is done to a process, to responses, or to the version for new flows."""

    KILL = "kill"
    FREEZE = "freeze"
    REPLACE = "replace"
    START = "start"
    STOP = "stop"
    MAKE_CURRENT = "make current"
    ANSWER = "answer"


@dataclass(frozen=True)
class Habits:
    """The behavior of one person. Times in seconds.

    ``direct``: through ``phone_mfa.client``, without the gateway. ``thinks``: how long the flow is left alone after its
    start. ``token_ends_after``: the stated lifetime of the first token; ``None``: it is new. ``names_message``: whether
    a code is submitted with the number of its message. ``held``: how often and how long Auth0 responds "not now" to the
    first send. ``words``: the messages sent meanwhile, with their times.
    """

    serial: int
    kind: Kind
    journey: Journey
    seed: int
    direct: bool = False
    arrives: float = 0
    thinks: float = 0
    token_ends_after: float | None = None
    names_message: bool = False
    flow_seconds: int = 3600
    held: tuple[int, int] = (0, 0)
    words: tuple[tuple[float, Word], ...] = ()

    @property
    def outcome(self) -> str:
        """The only correct outcome."""
        ends = {Journey.CANCEL: "cancelled", Journey.ABANDON: "expired"}
        return ends.get(self.journey, "enrolled" if self.kind is Kind.ENROLL else "verified")

    @property
    def number(self) -> str:
        """The person's first phone."""
        return f"+1555{self.serial:07}"

    @property
    def other_number(self) -> str:
        """A number with other last digits, the only ones that a list shows."""
        return f"+1556{(self.serial + 5000) % 10**7:07}"

    @property
    def last_number(self) -> str:
        """The phone that is enrolled in the end."""
        return self.other_number if self.journey is Journey.CHANGE else self.number

    @property
    def label(self) -> str:
        """The person's label in reports."""
        return f"{self.serial}: {self.kind}, {self.journey}"

    @property
    def email(self) -> str:
        """The person's user name at Auth0."""
        return f"person{self.serial}@example.com"


@dataclass(frozen=True)
class Fault:
    """One fault. ``seconds``: how long the process is frozen or down. ``order``: for the emulator."""

    at: float
    kind: FaultKind
    target: str
    seconds: float = 0
    order: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """The fault's row in tables."""
        if self.order:
            return f"answer: {self.order['kind']}" + (f" {self.order['status']}" if "status" in self.order else "")
        return f"{self.kind} {self.target}"


@dataclass(frozen=True)
class Plan:
    """A run. ``seconds``: duration of faults; ``settle_seconds``: time after them until everybody must be done.

    ``versions``: each worker runs its own version of the code, and only the first one runs at the beginning.
    """

    name: str
    seed: int
    seconds: float
    settle_seconds: float
    workers: int
    lookers: int
    people: tuple[Habits, ...]
    faults: tuple[Fault, ...]
    versions: bool = False


def chance_of(seed: int) -> random.Random:
    """Random values drawn from a seed."""
    return random.Random(seed)  # noqa: S311 - nothing is kept secret by it


def chaos(seed: int, flows: int, seconds: float, settle_seconds: float) -> Plan:
    """Return a plan in which every process fails at random."""
    chance = chance_of(seed)
    people = tuple(_person(chance, serial, seconds) for serial in range(flows))
    faults = tuple(_faults(chance, seconds))
    return Plan("chaos", seed, seconds, settle_seconds, 2, max(8, flows // 2), people, faults)


def replacement(seed: int, flows: int, replacements: int, seconds: float, settle_seconds: float) -> Plan:
    """Return a plan in which the only worker is replaced while flows wait; a timer is due in nearly every gap."""
    chance = chance_of(seed)
    people = tuple(_waiting(chance, serial, seconds) for serial in range(flows))
    period = seconds / replacements
    moments = (period * (number + chance.uniform(0.2, 0.5)) for number in range(replacements))
    faults = tuple(Fault(at, FaultKind.REPLACE, worker_name(1), chance.uniform(2, 0.4 * period)) for at in moments)
    return Plan("replacement", seed, seconds, settle_seconds, 1, max(8, flows // 2), people, faults)


def deployment(seed: int, flows: int, seconds: float, settle_seconds: float, *, overlap: bool) -> Plan:
    """Return a plan in which a new version is deployed while half of all flows wait, and rolled back while others do.

    ``overlap``: both versions have a worker throughout; otherwise one at a time, until the end.
    """
    chance = chance_of(seed)
    deployed_at, taken_back_at = 0.3 * seconds, 0.65 * seconds
    people = tuple(_parked(chance, serial, seconds, deployed_at) for serial in range(flows))
    faults = _with_overlap if overlap else _without_overlap
    name = "deployment with overlap" if overlap else "deployment without overlap"
    return Plan(
        name,
        seed,
        seconds,
        settle_seconds,
        2,
        max(8, flows // 2),
        people,
        faults(deployed_at, taken_back_at, seconds),
        versions=True,
    )


def _with_overlap(deployed_at: float, taken_back_at: float, seconds: float) -> tuple[Fault, ...]:
    old, new = worker_name(1), worker_name(2)
    return (
        Fault(deployed_at, FaultKind.START, new),
        Fault(deployed_at + 1, FaultKind.MAKE_CURRENT, new),
        Fault(taken_back_at, FaultKind.MAKE_CURRENT, old),
    )


def _without_overlap(deployed_at: float, taken_back_at: float, seconds: float) -> tuple[Fault, ...]:
    """Flows that started with the new version wait until it has a worker again."""
    old, new = worker_name(1), worker_name(2)
    return (
        Fault(deployed_at, FaultKind.STOP, old),
        Fault(deployed_at, FaultKind.START, new),
        Fault(deployed_at + 1, FaultKind.MAKE_CURRENT, new),
        Fault(taken_back_at, FaultKind.STOP, new),
        Fault(taken_back_at, FaultKind.START, old),
        Fault(taken_back_at + 1, FaultKind.MAKE_CURRENT, old),
        Fault(seconds, FaultKind.START, new),
    )


def _parked(chance: random.Random, serial: int, seconds: float, deployed_at: float) -> Habits:
    """Every other one comes before the deploy and goes on after it."""
    kind = chance.choices([Kind.ENROLL, Kind.CHALLENGE], [3, 2])[0]
    before = serial % 2 == 0
    arrives = chance.uniform(0, 0.6 * deployed_at) if before else chance.uniform(deployed_at, 0.9 * seconds)
    goes_on = chance.uniform(deployed_at + 1, seconds) if before else arrives + chance.uniform(0, 0.4 * seconds)
    return Habits(
        serial,
        kind,
        _journey(chance, kind, {**_JOURNEYS, Journey.ABANDON: 0}),
        seed=chance.getrandbits(32),
        direct=chance.random() < 0.25,
        arrives=arrives,
        thinks=goes_on - arrives,
        names_message=chance.random() < 0.5,
    )


_JOURNEYS: Final = {
    Journey.RIGHT: 20,
    Journey.WRONG: 14,
    Journey.RESEND: 14,
    Journey.SIGNAL: 14,
    Journey.LATE_LOGIN: 10,
    Journey.DUPLICATE: 10,
    Journey.CHANGE: 8,
    Journey.CANCEL: 10,
    Journey.ABANDON: 5,
}


def _journey(chance: random.Random, kind: Kind, weights: Mapping[Journey, int]) -> Journey:
    possible = {journey: weight for journey, weight in weights.items() if _is_possible(journey, kind)}
    return chance.choices(list(possible), list(possible.values()))[0]


def _is_possible(journey: Journey, kind: Kind) -> bool:
    return journey is not Journey.CHANGE or kind is Kind.ENROLL


def _person(chance: random.Random, serial: int, seconds: float) -> Habits:
    kind = chance.choices([Kind.ENROLL, Kind.CHALLENGE], [3, 2])[0]
    journey = _journey(chance, kind, _JOURNEYS)
    return Habits(
        serial,
        kind,
        journey,
        seed=chance.getrandbits(32),
        direct=chance.random() < 0.25,
        arrives=chance.uniform(0, 0.7 * seconds),
        thinks=chance.choice((0.0, chance.uniform(0, 5), chance.uniform(5, 20))),
        token_ends_after=chance.uniform(8, 40) if chance.random() < 0.3 else None,
        names_message=chance.random() < 0.5,
        flow_seconds=60 if journey is Journey.ABANDON else 3600,
        held=(1, chance.randint(2, 10)) if chance.random() < 0.25 else (0, 0),
    )


def _faults(chance: random.Random, seconds: float) -> list[Fault]:
    faults, at = [], chance.expovariate(1 / _MEAN_PAUSE)
    while at < seconds:
        faults.append(_fault(chance, at))
        at += chance.expovariate(1 / _MEAN_PAUSE)
    return faults


_MEAN_PAUSE: Final = 0.7
"""Seconds between two faults, on average."""

_TARGETS: Final = {worker_name(1): 3, worker_name(2): 3, WORKERS: 2, TEMPORAL: 2, EMULATOR: 2, GATEWAY: 2}
"""Fault targets by weight. Mostly workers, where flows are replayed and queries wait."""

_KINDS: Final = {FaultKind.KILL: 14, FaultKind.FREEZE: 16, FaultKind.REPLACE: 10, FaultKind.ANSWER: 60}
"""Faults by weight. About one process is down at any moment, so that flows keep making progress."""

_LONGEST_FREEZE: Final = 6.0


def _fault(chance: random.Random, at: float) -> Fault:
    kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
    if kind is FaultKind.ANSWER:
        return Fault(at, kind, EMULATOR, order=_place(chance) | _answer(chance))
    able = {name: weight for name, weight in _TARGETS.items() if _is_able(name, kind)}
    target = chance.choices(list(able), list(able.values()))[0]
    if kind is FaultKind.FREEZE:
        return Fault(at, kind, target, min(_LONGEST_FREEZE, 0.2 + chance.expovariate(1 / 1.5)))
    return Fault(at, kind, target, chance.uniform(0, 6 if target == WORKERS else 2))


def _is_able(target: str, kind: FaultKind) -> bool:
    """Return whether the fault can hit the target: only workers are replaced gracefully, and frozen one at a time."""
    match kind:
        case FaultKind.REPLACE:
            return target.startswith("worker") or target == WORKERS
        case FaultKind.FREEZE:
            return target != WORKERS
        case _:
            return True


def _place(chance: random.Random) -> dict[str, Any]:
    """Return the call to Auth0 that gets a faulty response. Logins are out of scope."""
    return chance.choice(
        (
            {"method": "POST", "path": "/mfa/associate"},
            {"method": "POST", "path": "/mfa/challenge"},
            {"method": "GET", "path": "/mfa/authenticators"},
            {"method": "POST", "path": "/oauth/token", "match": {"grant_type": OOB}},
        )
    )


def _answer(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(
        ("drop_response", "drop_response", "delay", "status", "status", "not now", "reset", "slow_body", "other body")
    )
    match kind:
        case "delay" | "slow_body":
            return {"kind": kind, "seconds": round(chance.uniform(0.5, 14), 1)}
        case "status":
            return {"kind": kind, "status": chance.choice((500, 502, 503, 504))}
        case "not now":
            return not_now(chance.randint(1, 8))
        case "other body":
            return {"kind": chance.choice(("garbage_body", "truncated_body"))}
        case _:
            return {"kind": kind}


def not_now(seconds: int) -> dict[str, Any]:
    """Auth0's 429 response, with a retry time."""
    body = {"error": "too_many_requests", "error_description": "Global limit has been reached"}
    return {"kind": "status", "status": 429, "headers": {"Retry-After": str(seconds)}, "body": body}


_WAITING: Final = {
    Journey.RIGHT: 30,
    Journey.SIGNAL: 15,
    Journey.LATE_LOGIN: 15,
    Journey.CHANGE: 5,
    Journey.CANCEL: 10,
    Journey.ABANDON: 25,
}


def _waiting(chance: random.Random, serial: int, seconds: float) -> Habits:
    kind = chance.choices([Kind.ENROLL, Kind.CHALLENGE], [3, 2])[0]
    journey = _journey(chance, kind, _WAITING)
    held = (chance.randint(1, 8), chance.randint(8, 30)) if chance.random() < 0.5 else (0, 0)
    return Habits(
        serial,
        kind,
        journey,
        seed=chance.getrandbits(32),
        direct=chance.random() < 0.25,
        arrives=chance.uniform(0, 8),
        thinks=seconds + chance.uniform(-15, 0),
        token_ends_after=chance.uniform(20, seconds) if chance.random() < 0.5 else None,
        names_message=chance.random() < 0.5,
        flow_seconds=int(max(60, chance.uniform(60, seconds))) if journey is Journey.ABANDON else 3600,
        held=held,
        words=tuple(sorted((chance.uniform(10, seconds - 20), _word(chance)) for _ in range(chance.randint(0, 3)))),
    )


def _word(chance: random.Random) -> Word:
    return chance.choice(list(Word))
