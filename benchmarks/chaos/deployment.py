"""Deploys and rolls back a version while people use flows: ``python -m benchmarks.chaos.deployment``."""

import sys

from . import plan
from .command import options_of, run

ABOUT = (
    "Deploys another version of the code while flows are parked, takes it back, and checks that each flow ended right."
)


def main() -> int:
    """Deploy and roll back; return 1 if there are violations."""
    parser = options_of("python -m benchmarks.chaos.deployment", ABOUT, flows=100, seconds=90, settle=120)
    parser.add_argument("--overlap", action="store_true", help="both versions have a worker throughout")
    options = parser.parse_args()
    made = plan.deployment(options.seed, options.flows, options.seconds, options.settle, overlap=options.overlap)
    return run(made, options.keep)


if __name__ == "__main__":
    sys.exit(main())
