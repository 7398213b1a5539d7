"""Measures the redaction of adversarial texts of 64 kB: `python -m benchmarks.redaction`.

Texts are random combinations of fragments that look like the beginning of a secret. Half of them vary the slowest texts
so far. The redaction of the codec server and that of the log are measured in CPU time. The exit status is 1 if a text
took longer than the limit in the codec server.
"""

import argparse
import heapq
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from phone_mfa import logs
from phone_mfa.codec_server import Redaction

LENGTH = 65_536
"""Characters of a text."""
_KEPT = 20
"""Number of slowest texts that are varied."""
_AGAIN = 3
"""Measurements of a text that seems to be the slowest; the fastest counts, for the machine may have other work."""

_FRAGMENTS = (
    *("1", "12", "12345", "1234567", "123456789", "1a", "a1", "12 34 5x", "1,", "1.", "1:", "1-", "1_", "1        "),
    *("a", "A", "abc", "abcd1", "ABCD", "abcdefg", "aB3/", "a+", "a_", "a-", "abcdefghijkl", "x" * 19, "X1" * 10),
    *(" ", "  ", "\n", "\t", "-", "_", ".", ",", "/", "=", "+", "(", ")", "|", ":", ";", "\\", "'", '"', "{", "[", "]"),
    *("code:", "code:'", 'code:"', 'code\\":\\"', "token = ", "password", "Bearer ", "authorization: ", "secret='"),
    *("eyJ", "eyJ.", "eyJ-", "Fe26.2*", "pmk_", "pmk_a", "+1", "+1((", "(0", "(01", "(555) 5", "AUTH0_", "sms|dev_"),
    *(
        "2026-11-25",
        "2026-11-25 ",
        "2026-11-25T10:00",
        "550e8400-e29b-41d4-a716-",
        "[hidden]",
        "[hidden]a",
        "a[hidden]",
    ),
    *(" and ", " then ", "12 and then 34 and ", "1 and y 2 ", " x ", " s", "20 s, ", "MTIzNDU2", "MTIzND", "AAAAAAAA"),
    *("①", "⑫", "一", "é", "\u00a0", "\u200b", "\ufe0f\u20e3", "\uff11", "\U0001d7cf", "ß", "\ud800", "\u0661"),
)


@dataclass(frozen=True, order=True)
class Recipe:
    """A text: parts that are each repeated, all of them repeated up to the length, in a shape."""

    parts: tuple[tuple[str, int], ...]
    shape: str
    seed: int

    def text(self) -> str:
        """Return the text."""
        whole = "".join(part * times for part, times in self.parts)
        unit = (whole * (LENGTH // len(whole) + 1))[:LENGTH]
        return _SHAPES[self.shape](unit, random.Random(self.seed)).ljust(LENGTH)[:LENGTH]  # noqa: S311 - not for secrets


def _mixed(text: str, chooser: random.Random) -> str:
    pieces = _pieces(text, chooser)
    chooser.shuffle(pieces)
    return "".join(pieces)


def _list(text: str, chooser: random.Random) -> str:
    return json.dumps(_pieces(text[: LENGTH // 4], chooser), ensure_ascii=False)


def _names(text: str, chooser: random.Random) -> str:
    pieces = _pieces(text[: LENGTH // 6], chooser)
    return json.dumps({f"a{number}{piece}": piece for number, piece in enumerate(pieces)}, ensure_ascii=False)


def _nested(text: str, chooser: random.Random) -> str:
    depth = chooser.randint(1, 40)
    return "[" * depth + json.dumps(text[: chooser.randint(1, 5_000)]) + "]" * depth


def _json_in_json(text: str, chooser: random.Random) -> str:
    text = text[: chooser.randint(1, 5_000)]
    for _ in range(chooser.randint(1, 9)):
        text = json.dumps([text, text] if len(text) < LENGTH // 5 else text, ensure_ascii=False)
    return text


def _pieces(text: str, chooser: random.Random) -> list[str]:
    size = chooser.choice((1, 3, 8, 24, 300))
    return [text[start : start + size] for start in range(0, len(text), size)]


_SHAPES: dict[str, Callable[[str, random.Random], str]] = {
    "text": lambda text, _: text,
    "mixed": _mixed,
    "list": _list,
    "names": _names,
    "nested": _nested,
    "JSON in JSON": _json_in_json,
}


class Measured:
    """The times of one redaction, in milliseconds, and its slowest texts."""

    def __init__(self, name: str, redact: Callable[[str], object]) -> None:
        self.name, self._redact = name, redact
        self.times: list[float] = []
        self.slowest: list[tuple[float, Recipe]] = []

    def measure(self, recipe: Recipe) -> None:
        """Measure one text."""
        text = recipe.text()
        taken = self._milliseconds(text)
        if not self.slowest or taken > self.slowest[0][0]:
            taken = min(taken, *(self._milliseconds(text) for _ in range(_AGAIN - 1)))
        self.times.append(taken)
        heapq.heappush(self.slowest, (taken, recipe))
        if len(self.slowest) > _KEPT:
            heapq.heappop(self.slowest)

    def _milliseconds(self, text: str) -> float:
        start = time.process_time()
        self._redact(text)
        return (time.process_time() - start) * 1000

    @property
    def worst(self) -> tuple[float, Recipe]:
        """The longest time, and its text."""
        return max(self.slowest)

    def row(self) -> str:
        """Return the figures."""
        times = sorted(self.times)
        figures = (times[len(times) // 2], times[len(times) * 99 // 100], times[-1])
        return f"{self.name:>12}" + "".join(f"{figure:>11.2f}" for figure in figures)


def main() -> int:
    """Measure the texts, and print one table and the slowest texts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redaction", description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000, help="number of texts (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random texts (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=50, help="milliseconds per text (default: %(default)s)")
    options = parser.parse_args()
    codec = Measured("codec server", lambda text: Redaction().text(text))
    log = Measured("log", lambda text: logs.redact(None, "", {"event": text}))
    for measured in (codec, log):
        _search(measured, options.texts, random.Random(options.seed))  # noqa: S311 - not for secrets
    _write(f"{options.texts} texts of {LENGTH} characters, milliseconds of CPU time")
    _write(" " * 12 + "".join(f"{heading:>11}" for heading in ("median", "p99", "worst")))
    for measured in (codec, log):
        _write(measured.row())
    for measured in (codec, log):
        _write(f"slowest, {measured.name}: {measured.worst[1]}")
    return int(codec.worst[0] > options.limit)


def _search(measured: Measured, texts: int, chooser: random.Random) -> None:
    """Measure random texts and variations of the slowest, alternately."""
    for number in range(texts):
        known = [recipe for _, recipe in measured.slowest]
        measured.measure(_varied(chooser.choice(known), chooser) if known and number % 2 else _new(chooser))


def _new(chooser: random.Random) -> Recipe:
    parts = tuple(_part(chooser) for _ in range(chooser.randint(1, 6)))
    return Recipe(parts, chooser.choice(list(_SHAPES)), chooser.randrange(1_000_000))


def _part(chooser: random.Random) -> tuple[str, int]:
    return chooser.choice(_FRAGMENTS), chooser.choice((1, 1, 1, 2, 3, 5, 23, 60, 90, 2_000, LENGTH))


def _varied(recipe: Recipe, chooser: random.Random) -> Recipe:
    """Return the recipe with one part replaced, added or removed, or with another shape."""
    parts, at = list(recipe.parts), chooser.randrange(len(recipe.parts))
    change = chooser.randrange(4)
    if change == 0:
        return replace(recipe, shape=chooser.choice(list(_SHAPES)))
    parts[at : at + (change != 1)] = [] if change == 2 and len(parts) > 1 else [_part(chooser)]
    return replace(recipe, parts=tuple(parts))


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
