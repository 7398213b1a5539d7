"""The emulator is a standalone package: it runs without the rest of this repository."""

import ast
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest

from emulator.tests.alone import Alone, installed_alone

SOURCE = Path(__file__).parents[2]
OURS = ("activities", "phone_mfa", "starter", "worker", "workflows", "temporalio", "httpx")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return installed_alone(SOURCE, tmp_path_factory.mktemp("alone"))


def test_installed_alone_its_command_serves_the_api_and_the_phone_page(alone: Alone) -> None:
    command = [str(alone.commands / "auth0-mfa-emulator"), "--port", "0"]
    with subprocess.Popen(command, cwd="/", env={}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            address = process.stdout.readline().split()[-1]
            assert httpx.get(f"{address}/.well-known/openid-configuration").json()["issuer"] == f"{address}/"
            for path in ("/_phone", "/_phone/phone.js", "/_phone/base.css", "/_control", "/_control/page/main.js"):
                assert httpx.get(f"{address}{path}").status_code == 200
        finally:
            process.kill()


def test_installed_alone_it_is_itself_and_imports_nothing_of_ours(alone: Alone) -> None:
    code = "import sys, auth0_mfa_emulator.__main__ as m; print(m.__file__, *sys.modules)"
    file, *modules = alone.said("python", "-c", code).split()
    assert Path(file).is_relative_to(alone.commands.parent)
    assert not {module.partition(".")[0] for module in modules} & set(OURS)


def test_its_wheel_holds_nothing_but_itself(alone: Alone) -> None:
    folders = {
        file.partition("/")[0] for file in alone.files if "__pycache__" not in file and not file.startswith("../")
    }
    assert {re.sub(r"-.*\.dist-info$", ".dist-info", folder) for folder in folders} == {
        "auth0_mfa_emulator",
        "auth0_mfa_emulator.dist-info",
    }


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
