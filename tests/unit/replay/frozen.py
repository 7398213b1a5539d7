"""The list of frozen histories, with a hash of each. ``python -m tests.unit.replay.frozen`` adds new ones.

The list only grows: a history that changed, or is gone, fails the replay tests.
"""

import hashlib
import re
from pathlib import Path
from typing import Final

HISTORIES: Final = Path(__file__).with_name("histories")
LIST: Final = Path(__file__).with_name("frozen.sha256")
"""In the form of ``sha256sum``, by name."""


def recorded_as(test: str) -> str:
    """The name of a test's histories, without a number or ``.json``."""
    return re.sub(r"\W+", "-", test.removeprefix("test_")).strip("-")


def listed() -> dict[str, str]:
    """The hashes of the frozen histories, by file name."""
    lines = (line.split(maxsplit=1) for line in LIST.read_text().splitlines())
    return {name: digest for digest, name in lines}


def there() -> dict[str, str]:
    """The hashes of the histories that are there, by file name."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in HISTORIES.glob("*.json")}


def main() -> None:
    """Add what is new to the list."""
    frozen = there() | listed()
    LIST.write_text("".join(f"{frozen[name]}  {name}\n" for name in sorted(frozen)))


if __name__ == "__main__":
    main()
