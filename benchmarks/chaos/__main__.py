"""Command line: ``python -m benchmarks.chaos --seed N --flows F --seconds S``."""

import sys

from . import plan
from .command import options_of, run

ABOUT = "Kills, freezes and replaces every process while people use flows, then checks that each flow ended right."


def main() -> int:
    """Inject random faults; return 1 if there are violations."""
    options = options_of("python -m benchmarks.chaos", ABOUT, flows=40, seconds=60, settle=150).parse_args()
    return run(plan.chaos(options.seed, options.flows, options.seconds, options.settle), options.keep)


if __name__ == "__main__":
    sys.exit(main())
