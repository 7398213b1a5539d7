"""Another version of the workflow code, with different commands from the first step on: no history replays on both."""

import shutil
from pathlib import Path
from typing import Final

from .processes import ROOT

_DRIVER: Final = Path("workflows", "driver.py")
_STEP: Final = "    async def _step(self) -> None:\n"
_WAIT: Final = "        await self._pause()\n"


def other_version(folder: Path) -> Path:
    """Write it into a new folder, which is given back: flows wait for a timer of their own before each step.

    A process that is started there runs it, and everything else from the checkout.
    """
    shutil.copytree(ROOT / "workflows", folder / "workflows", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "worker.py", folder)
    driver = folder / _DRIVER
    ours = driver.read_text()
    if ours.count(_STEP) != 1:
        raise ValueError(f"{_DRIVER} has no step to wait before.")
    driver.write_text(ours.replace(_STEP, _STEP + _WAIT))
    return folder
