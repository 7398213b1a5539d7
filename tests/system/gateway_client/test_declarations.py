"""The JavaScript client as others take it: its types are true, and its package has all that it needs."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.system.gateway_client.declarations import CLIENT, NODE, ROOT, check_types, generated

NPM, NODE_PROGRAM = shutil.which("npm"), shutil.which("node")
pytestmark = [
    pytest.mark.skipif(NPM is None, reason="npm is not installed"),
    pytest.mark.skipif(not (NODE / "node_modules").is_dir(), reason="`make setup` has not installed TypeScript"),
]


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder of an application that has installed the package, as npm packs it."""
    command = (str(NPM), "pack", str(CLIENT), "--json", "--offline", "--pack-destination", str(tmp_path))
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    [package] = json.loads(said)
    modules = tmp_path / "node_modules"
    shutil.unpack_archive(tmp_path / package["filename"], modules)
    (modules / "package").rename(modules / package["name"])
    return tmp_path


def test_the_declarations_are_those_of_the_openapi_document_and_the_comments(tmp_path: Path) -> None:
    committed = {file.name: file.read_text("utf-8") for file in sorted(CLIENT.glob("*.d.ts"))}

    assert generated(tmp_path) == committed, "`make client-types` generates them"


def test_our_page_uses_the_client_as_it_is_declared(tmp_path: Path) -> None:
    """Its own functions declare no types, so what is checked of them is what follows from the client's."""
    check_types(tmp_path, [str(ROOT / "gateway" / "page" / "*.js")], strict=False)


def test_a_page_that_calls_what_there_is_not_fails_the_check(tmp_path: Path) -> None:
    """The check of our page sees something, although it is not strict."""
    shutil.copytree(ROOT / "gateway", tmp_path / "gateway", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    script = tmp_path / "gateway" / "page" / "resend.js"
    script.write_text(script.read_text("utf-8").replace("state.view.message", "state.view.massage"), "utf-8")

    with pytest.raises(AssertionError, match="'massage' does not exist"):
        check_types(tmp_path, ["gateway/page/*.js"], strict=False)


def test_the_example_of_an_own_page_uses_the_package_as_it_is_declared(packed: Path) -> None:
    shutil.copytree(ROOT / "docs" / "examples" / "own_page" / "page", packed / "page")

    check_types(packed, ["page/*.js"], skipLibCheck=False)  # the package's declarations, too


def test_the_package_has_the_version_of_the_gateway() -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert json.loads((CLIENT / "package.json").read_text())["version"] == ours


def test_the_package_can_be_imported(packed: Path) -> None:
    script = 'import("phone-mfa-gateway-client").then((client) => console.log(JSON.stringify(Object.keys(client))))'
    said = subprocess.run(
        [str(NODE_PROGRAM), "-e", script], cwd=packed, capture_output=True, text=True, check=True
    ).stdout

    assert {"FlowClient", "Problem", "beginLogin", "now", "readToken", "submissionId"} <= set(json.loads(said))
