"""Another version of the workflow code, with different commands from the first step on: no history replays on both."""

import shutil
from pathlib import Path
from typing import Final

from .processes import ROOT

_DRIVER: Final = Path("workflows", "driver.py")
_STEP: Final = "    async def _step(self) -> None:\n"
_WAIT: Final = "        await self._pause()\n"


def other_version(folder: Path) -> Path:
    """Write it to a new folder and return the folder. Its flows wait for an extra timer before each step.

    A process started there runs this version, and everything else from the checkout.
    """
    shutil.copytree(ROOT / "workflows", folder / "workflows", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "worker.py", folder)
    driver = folder / _DRIVER
    ours = driver.read_text()
    if ours.count(_STEP) != 1:
        raise ValueError(f"{_DRIVER} has no step to wait before.")
    driver.write_text(ours.replace(_STEP, _STEP + _WAIT))
    return folder
