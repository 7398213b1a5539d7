"""Measures sealing and opening a payload against serializing and parsing it: `python -m benchmarks.sealing`.

Both are measured alternately in one run, and the fastest round counts, so that the ratio is meaningful on a machine
under other load. Speed is reported but not judged.
"""

import argparse
import asyncio
import dataclasses
import sys
import time
from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

from phone_mfa.encryption import MarkingCodec, keyring_source_of
from phone_mfa.encryption.rotation import new_ring

_HEADINGS = ("bytes", "write us", "+seal us", "ratio", "read us", "+open us", "ratio")
_ROUNDS = 20

Step = Callable[[], Awaitable[object]]


class Flow(BaseModel):
    """A sample payload: text of a given length."""

    phase: str = "waiting_for_code"
    text: str = ""


def main() -> int:
    """Measure each size, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sealing", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2_000, 20_000], help="bytes of JSON")
    parser.add_argument("--times", type=int, default=500, help="payloads per round (default: %(default)s)")
    options = parser.parse_args()
    _write(_HEADINGS)
    for size in options.sizes:
        _write(asyncio.run(_row(size, options.times)))
    return 0


async def _row(size: int, times: int) -> tuple[str, ...]:
    plain = pydantic_data_converter
    sealing = dataclasses.replace(plain, payload_codec=MarkingCodec(keyring_source_of(new_ring().text()), "default"))
    value = Flow(text="x" * max(0, size - len(Flow().model_dump_json())))
    writing = await _fastest([lambda: plain.encode([value]), lambda: sealing.encode([value])], times)
    reading = await _fastest([await _reader(plain, value), await _reader(sealing, value)], times)
    return (str(size), *_figures(*writing), *_figures(*reading))


async def _reader(converter: DataConverter, value: Flow) -> Step:
    payloads = await converter.encode([value])
    assert await converter.decode(payloads, [Flow]) == [value]  # noqa: S101 - what is measured must work
    return lambda: converter.decode(payloads, [Flow])


async def _fastest(steps: list[Step], times: int) -> list[float]:
    """Return the CPU seconds of each step in its fastest round."""
    best = [float("inf")] * len(steps)
    for _ in range(_ROUNDS):
        for index, step in enumerate(steps):
            start = time.process_time()
            for _ in range(times):
                await step()
            best[index] = min(best[index], (time.process_time() - start) / times)
    return best


def _figures(plain: float, sealed: float) -> tuple[str, ...]:
    return f"{plain * 1e6:.1f}", f"{(sealed - plain) * 1e6:.1f}", f"{sealed / plain:.2f}"


def _write(cells: tuple[str, ...]) -> None:
    sys.stdout.write("".join(f"{cell:>10}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
