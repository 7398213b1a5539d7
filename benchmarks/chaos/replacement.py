"""Replaces the only worker repeatedly while flows wait: ``python -m benchmarks.chaos.replacement``."""

import sys

from . import plan
from .command import options_of, run

ABOUT = "Replaces the only worker while flows cool down and wait, then checks that each goes on."


def main() -> int:
    """Replace the worker; return 1 if there are violations."""
    parser = options_of("python -m benchmarks.chaos.replacement", ABOUT, flows=50, seconds=180, settle=120)
    parser.add_argument(
        "--replacements", type=int, default=10, help="replacements of the worker (default: %(default)s)"
    )
    options = parser.parse_args()
    made = plan.replacement(options.seed, options.flows, options.replacements, options.seconds, options.settle)
    return run(made, options.keep)


if __name__ == "__main__":
    sys.exit(main())
