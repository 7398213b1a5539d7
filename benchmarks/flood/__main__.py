"""Command line: ``python -m benchmarks.flood --pokes 20000``."""

import argparse
import asyncio
import logging

from phone_mfa import logs
from phone_mfa.process import run_and_leave

from . import floods
from .stage import stage

ABOUT = """Sends one flow many messages of every kind, over as many runs as needed; then it must accept the right code.
A second flow gets more signals than Temporal accepts before a worker starts; then it must end as requested. Exits with
1 if a check fails."""


def main() -> int:
    """Run both floods."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=ABOUT)
    parser.add_argument("--pokes", type=int, default=20_000, help="messages to the first flow (default: %(default)s)")
    parser.add_argument("--signals", type=int, default=10_001, help="signals to the second flow (default: %(default)s)")
    options = parser.parse_args()
    logs.configure()
    logging.disable(logging.CRITICAL)  # it would tell of each message that was dropped
    return asyncio.run(_flood(options.pokes, options.signals))


async def _flood(pokes: int, signals: int) -> int:
    async with stage() as where:
        stood = [await floods.while_it_works(where, pokes), await floods.before_anybody_works(where, signals)]
    return 0 if all(stood) else 1


if __name__ == "__main__":
    run_and_leave(main)
