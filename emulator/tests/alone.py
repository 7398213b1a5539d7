"""An environment that holds one distribution, built from its folder, and the libraries it declares: nothing else."""

import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement


@dataclass(frozen=True)
class Alone:
    """``commands``: the environment's folder of commands. ``files``: what the distribution installed."""

    commands: Path
    files: list[str]

    def said(self, command: str, *arguments: str) -> str:
        """Run a command with an empty environment, and return its standard output."""
        ended = subprocess.run(
            [self.commands / command, *arguments],
            env={},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return ended.stdout


def installed_alone(source: Path, folder: Path) -> Alone:
    """Install the distribution in ``source``, without a network: the libraries are those of this environment."""
    environment = folder / "environment"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    offline = ["--quiet", "--no-deps", "--no-index"]
    wheel_only = ["--no-build-isolation", "--wheel-dir", str(folder / "wheel"), str(source)]
    subprocess.run([*pip, "wheel", *offline, *wheel_only], check=True, timeout=60)
    [wheel] = (folder / "wheel").iterdir()
    venv.create(environment, symlinks=True)
    into = ["--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, *into, "install", *offline, str(wheel)], check=True, timeout=60)
    [site] = environment.glob("lib/python*/site-packages")
    [metadata] = site.glob("*.dist-info")
    found = Distribution.at(metadata)
    for library in _declared(found.requires or []):
        _link(library, site)
    return Alone(environment / "bin", [file.as_posix() for file in found.files or []])


def _declared(requirements: Iterable[str]) -> Iterable[Distribution]:
    """The libraries that are required, and what those require."""
    waiting, found = list(requirements), set[str]()
    while waiting:
        requirement = Requirement(waiting.pop())
        name = requirement.name.lower().replace("_", "-")
        if name not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            library = distribution(name)
            waiting += library.requires or []
            yield library


def _link(library: Distribution, site: Path) -> None:
    for file in library.files or []:
        there = site / file
        if ".." not in file.parts and file.suffix != ".pyc":
            there.parent.mkdir(parents=True, exist_ok=True)
            there.symlink_to(Path(str(library.locate_file(file))).resolve())
