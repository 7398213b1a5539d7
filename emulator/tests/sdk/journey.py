"""Running a journey as its users run an SDK: in a process of its own, told by the environment whom to trust."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def travel(*command: str, **environment: str) -> Any:
    """The report that a journey prints as JSON."""
    # A proxy of the computer's is not for an emulator on it.
    surroundings = os.environ | {"NO_PROXY": "localhost", "no_proxy": "localhost"} | environment
    ended = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
