"""An emulator as a separate process, with its CPU time and memory."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Served:
    """A running emulator."""

    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """User and system time so far, with a resolution of 0.01 s."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def resident_bytes(self) -> int:
        """Memory in use."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE


@contextmanager
def emulator(seeded: Sequence[object]) -> Iterator[Served]:
    """Run an emulator with these users on a free port inside the context."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder, "seed.json")
        seed.write_text(json.dumps({"users": seeded}))
        command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--seed", str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                listening = process.stdout.readline() if process.stdout else ""
                yield Served(int(listening.rpartition(":")[2]), process.pid)
            finally:
                process.terminate()
