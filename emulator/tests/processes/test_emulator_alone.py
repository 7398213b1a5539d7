"""The emulator is a standalone package: it runs without the rest of this repository."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest

SOURCE = Path(__file__).parents[2]
OURS = ("activities", "phone_mfa", "starter", "worker", "workflows", "temporalio", "httpx")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built package only."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(SOURCE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    offline = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "wheel", *offline, "-w", folder / "wheel", folder / "source"], check=True, timeout=60)
    (wheel,) = (folder / "wheel").iterdir()
    subprocess.run([*pip, "install", *offline[:3], "--target", folder / "site", wheel], check=True, timeout=60)
    return folder / "site"


def test_installed_alone_it_serves_the_api_and_the_phone_page(installed: Path) -> None:
    environment = {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0"]
    with subprocess.Popen(command, cwd=installed, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            address = process.stdout.readline().split()[-1]
            assert httpx.get(f"{address}/.well-known/openid-configuration").json()["issuer"] == f"{address}/"
            for path in ("/_phone", "/_phone/phone.js", "/_phone/phone.css", "/_phone/icon.svg"):
                assert httpx.get(f"{address}{path}").status_code == 200
        finally:
            process.kill()


def test_installed_alone_it_is_itself_and_imports_nothing_of_ours(installed: Path) -> None:
    code = "import sys, auth0_mfa_emulator.__main__ as m; print(m.__file__, *sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=installed, env={"PYTHONPATH": str(installed)}, capture_output=True, check=True
    )
    file, *modules = shown.stdout.decode().split()
    assert file == str(installed / "auth0_mfa_emulator" / "__main__.py")
    assert not {module.partition(".")[0] for module in modules} & set(OURS)


def test_it_declares_every_library_it_imports_and_no_other() -> None:
    declared = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", one)[0] for one in declared}
    distributions = packages_distributions()
    imported = {distributions[module][0].lower().replace("_", "-") for module in _imports() if module in distributions}
    # joserfc requires the cryptography library.
    assert imported - {"cryptography", "pytest"} == names


def _imports() -> set[str]:
    found: set[str] = set()
    for file in (SOURCE / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            if isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    return found
