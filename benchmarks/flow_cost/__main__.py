"""Measures the cost of a flow against a bare Temporal workflow: `python -m benchmarks.flow_cost`.

Both run on the same Temporal server, take turns, and call the same fake Auth0 over HTTP, which responds instantly.
Server, workers and players are separate processes. With `--also`, other checkouts of this project take turns too.
"""

import argparse
import asyncio
import json
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.process import Served
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.key_files import create
from starter.local.ports import ANY, LOOPBACK, Ports
from starter.local.processes import Processes
from starter.local.stack import CLIENT, SERVER_ENVIRONMENT, SERVER_SETTINGS

from .player import UNCOUNTED, Round
from .report import Cost, Turn, write, write_histories

_SERVER: Final = "server"
_PYTHON: Final = (sys.executable, "-P", "-m")
"""The interpreter, importing modules from a checkout (``PYTHONPATH``), not from the current directory."""


@dataclass(frozen=True)
class Variant:
    """A variant to measure. ``checkout``: where its code is. ``options``: of its worker."""

    name: str
    journey: str
    checkout: Path
    options: tuple[str, ...] = ()

    @property
    def worker(self) -> str:
        """The name of its worker process."""
        return f"{self.name}-worker"


@dataclass(frozen=True)
class Stage:
    """The running stack. ``settings``: for processes that use the keys."""

    processes: Processes
    ports: Ports
    settings: Mapping[str, str]

    @property
    def temporal(self) -> str:
        """The address of the server."""
        return f"{LOOPBACK}:{self.ports.temporal}"

    async def start_server(self, flags: Sequence[str]) -> None:
        """Start Temporal's dev server, in memory."""
        options = ["--headless", "--ip", LOOPBACK, "--port", str(self.ports.temporal), "--log-level", "error"]
        for name, kind in SEARCH_ATTRIBUTES.items():
            options += ["--search-attribute", f"{name}={kind}"]
        for flag in flags:
            options += ["--dynamic-config-value", flag]
        temporal = str(Path(sys.executable).with_name("temporal"))
        await self.processes.start(_SERVER, temporal, "server", "start-dev", *options, settings=SERVER_ENVIRONMENT)
        async for _ in self.processes.while_starting(_SERVER):
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, self.ports.temporal)
            except OSError:
                continue
            writer.close()
            return

    async def start_auth0(self) -> None:
        """Start the instant Auth0."""
        await self.processes.start("auth0", sys.executable, "-m", "benchmarks.flow_cost.auth0", str(self.ports.auth0))

    async def start_worker(self, variant: Variant) -> None:
        """Start a worker and wait until it is ready."""
        bare = ("benchmarks.flow_cost.bare_worker", self.temporal, self.settings["AUTH0_DOMAIN"])
        command = (*bare, *variant.options) if variant.journey == "bare" else ("worker", "--log-json")
        await self.processes.start(variant.worker, *_PYTHON, *command, settings=self._settings_of(variant))
        await self.processes.until_printed(
            variant.worker, "worker started" if variant.journey == "bare" else "worker.started"
        )

    async def turn(self, variant: Variant, flows: int, at_once: int) -> Turn:
        """Run some flows and return the measurements."""
        worker, engine = self._cpu(variant.worker), self._cpu(_SERVER)
        played = await self._played(variant, flows, at_once)
        all_played = flows + UNCOUNTED
        cost = Cost(
            worker=(self._cpu(variant.worker) - worker) / all_played,
            engine=(self._cpu(_SERVER) - engine) / all_played,
            client=played.cpu / flows,
        )
        return Turn(flows / played.seconds, played, cost)

    def _settings_of(self, variant: Variant) -> dict[str, str]:
        return {**self.settings, "PHONE_MFA_TASK_QUEUE": variant.name, "PYTHONPATH": str(variant.checkout)}

    def _cpu(self, process: str) -> float:
        return Served(0, self.processes.pids[process]).cpu_seconds

    async def _played(self, variant: Variant, flows: int, at_once: int) -> Round:
        command = (*_PYTHON, "benchmarks.flow_cost.player", variant.journey, self.temporal)
        process = await asyncio.create_subprocess_exec(
            *command,
            *(str(flows), str(at_once)),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **self._settings_of(variant)},
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise SystemExit(f"{shlex.join(command)} ended with {process.returncode}.")
        return Round(**json.loads(said))


@asynccontextmanager
async def _stage(flags: Sequence[str], variants: Sequence[Variant]) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        keys, ports, processes = Path(folder, "keys.json"), ANY.free(), Processes(Path(folder))
        create(keys, new_ring().text())
        settings = {
            "TEMPORAL_ADDRESS": f"{LOOPBACK}:{ports.temporal}",
            "PHONE_MFA_KEYS": str(keys),
            "AUTH0_DOMAIN": f"http://{LOOPBACK}:{ports.auth0}",
            "AUTH0_CLIENT_ID": CLIENT[0],
            "AUTH0_CLIENT_SECRET": CLIENT[1],
        }
        stage = Stage(processes, ports, settings)
        try:
            await stage.start_server(flags)
            await stage.start_auth0()
            for variant in variants:
                await stage.start_worker(variant)
            yield stage
        finally:
            await processes.stop()


async def _measure(options: argparse.Namespace) -> None:
    variants = _variants(options)
    flags = () if options.plain_server else SERVER_SETTINGS
    async with _stage(flags, variants) as stage:
        for at_once, flows in ((1, options.alone), (options.at_once, options.flows)):
            turns: dict[str, list[Turn]] = {variant.name: [] for variant in variants}
            for variant in variants:  # not counted: caches fill
                await stage.turn(variant, at_once * 2, at_once)
            for number in range(options.rounds):
                for variant in _rotated(variants, number):
                    turns[variant.name].append(await stage.turn(variant, flows, at_once))
            write(f"{at_once} at a time", turns, to="bare")
        write_histories(turns)


def _variants(options: argparse.Namespace) -> list[Variant]:
    here = Path(__file__).parents[2]
    variants = [Variant("ours", "ours", here), Variant("bare", "bare", here)]
    if options.noise:
        variants += [Variant("ours-again", "ours", here), Variant("bare-again", "bare", here)]
    if options.unsandboxed:
        variants += [Variant("bare-unsandboxed", "bare", here, ("--unsandboxed",))]
    variants += [Variant(checkout.resolve().name, "ours", checkout.resolve()) for checkout in options.also]
    if len({variant.name for variant in variants}) < len(variants):
        raise SystemExit("--also: each checkout needs a folder with a name of its own.")
    return variants


def _rotated(variants: Sequence[Variant], number: int) -> Sequence[Variant]:
    """Order the turns so that each variant runs at each position, in reverse order in the second half of the rounds."""
    first = number % len(variants)
    turned = [*variants[first:], *variants[:first]]
    return turned[::-1] if number // len(variants) % 2 else turned


def main() -> int:
    """Measure, and print a table for each concurrency level."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flow_cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="turns per variant (default: %(default)s)")
    parser.add_argument("--alone", type=int, default=20, help="flows per turn, one at a time (default: %(default)s)")
    parser.add_argument("--flows", type=int, default=100, help="flows per turn, concurrent (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=25, help="concurrency (default: %(default)s)")
    parser.add_argument("--also", type=Path, nargs="+", default=[], help="other checkouts to measure too")
    parser.add_argument("--noise", action="store_true", help="measure both twice: the difference is noise")
    parser.add_argument("--unsandboxed", action="store_true", help="also the bare flow without sandbox, on uvloop")
    parser.add_argument("--plain-server", action="store_true", help="Temporal's dev server without our settings")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left running
    asyncio.run(_measure(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
