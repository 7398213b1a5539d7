"""Auth0's JavaScript SDKs: where `make setup` installs them, and how their journeys run."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.sdk.journey import travel
from emulator.tests.secured import Secured

FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node") or ""


def _old() -> bool:
    """Whether this Node lacks the global WebCrypto that the SDKs' libraries need, available since 20."""
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.removeprefix("v").partition(".")[0]) < 20


NEEDS_NODE = [
    pytest.mark.skipif(not NODE or not shutil.which("npm"), reason="node and npm are not installed"),
    pytest.mark.skipif(bool(NODE) and _old(), reason="node is older than 20"),
    pytest.mark.skipif(not (FOLDER / "node_modules").is_dir(), reason="`make setup` has not installed the SDKs"),
]


def journey(file: str, name: str, emulator: Secured, *more: str) -> Any:
    """Run one journey of a file in the folder and return its report."""
    command = (NODE, str(FOLDER / file), name, emulator.domain, *more)
    return travel(*command, NODE_EXTRA_CA_CERTS=str(emulator.authority))
