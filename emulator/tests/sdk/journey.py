"""Runs a journey as users run an SDK: in its own process, with the trusted CA set in the environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def travel(*command: str, **environment: str) -> Any:
    """Run a journey and return its JSON report."""
    # A configured proxy must not be used for a local emulator.
    surroundings = os.environ | {"NO_PROXY": "localhost", "no_proxy": "localhost"} | environment
    ended = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
