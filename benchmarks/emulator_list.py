"""Measures how fast the emulator lists authenticators, with few and many users: `python -m benchmarks.emulator_list`.

Requests are sent at a fixed rate whether or not earlier ones were answered, and latency counts from the time a request
was due. The exit status is 1 if a response was wrong; speed is reported but not judged.
"""

import argparse
import gc
import sys
from dataclasses import dataclass

from . import people, process
from .load import Pool, request, run

_HEADINGS = ("users", "req/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms/req", "memory MB", "p50 ratio", "p95 ratio")
_SETTING_UP = 8
"""Connections used while users are created and logged in."""


@dataclass(frozen=True)
class Measured:
    """One run. Latencies and CPU time in milliseconds, memory in megabytes."""

    users: int
    rate: float
    latencies: list[float]
    cpu: float
    memory: float

    def percentile(self, share: float) -> float:
        """Return the latency at this quantile."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def main() -> int:
    """Measure each number of users against a separate emulator, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulator_list", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[100, 10_000, 100_000], help="numbers of users")
    parser.add_argument("--rate", type=int, default=1000, help="requests a second (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=10, help="duration (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=50, help="keep-alive connections (default: %(default)s)")
    parser.add_argument("--sample", type=int, default=1000, help="number of users who log in (default: %(default)s)")
    options = parser.parse_args()
    runs: list[Measured] = []
    _write(_HEADINGS)
    for users in options.users:
        try:
            runs.append(_measure(users, options))
        except people.WrongAnswerError as wrong:
            sys.stderr.write(f"with {users} users, {wrong}\n")
            return 1
        _write(_row(runs[-1], runs[0]))
    return 0


def _measure(users: int, options: argparse.Namespace) -> Measured:
    with process.emulator([people.Person(serial).seeded for serial in range(users)]) as served:
        return run(_load(served, users, options))


async def _load(served: process.Served, users: int, options: argparse.Namespace) -> Measured:
    setup = Pool()
    await setup.connect(served.port, _SETTING_UP)
    sample = people.spread(users, options.sample)
    tokens = await people.log_in(setup, sample)
    wires = [request("GET", "/mfa/authenticators", bearer=token) for token in tokens]
    bodies = [people.check_list(who, answer) for who, answer in zip(sample, await setup.ask_all(wires), strict=True)]
    setup.close()

    pool, total = Pool(), options.rate * options.seconds
    await pool.connect(served.port, options.connections)
    # What the setup left is not to be searched for garbage while the clock runs.
    gc.collect()
    gc.freeze()
    cpu = served.cpu_seconds
    answers, seconds = await pool.ask_at([wires[index % len(wires)] for index in range(total)], 1 / options.rate)
    cpu = served.cpu_seconds - cpu
    pool.close()
    if any(answer != (200, bodies[index % len(bodies)]) for index, answer in enumerate(answers)):
        raise people.WrongAnswerError("a list differed from the one before")
    lasted = max(index / options.rate + latency for index, latency in enumerate(seconds))
    latencies = [latency * 1000 for latency in seconds]
    return Measured(users, total / lasted, latencies, cpu / total * 1000, served.resident_bytes / 1e6)


def _row(run: Measured, first: Measured) -> tuple[str, ...]:
    latencies = [run.percentile(share) for share in (0.5, 0.95, 0.99)]
    ratios = [latency / first.percentile(share) for latency, share in zip(latencies, (0.5, 0.95), strict=False)]
    figures = [f"{latency:.2f}" for latency in latencies] + [f"{run.cpu:.3f}", f"{run.memory:.0f}"]
    return (str(run.users), f"{run.rate:.0f}", *figures, *(f"{ratio:.2f}" for ratio in ratios))


def _write(cells: tuple[str, ...]) -> None:
    sys.stdout.write("  ".join(f"{cell:>10}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
