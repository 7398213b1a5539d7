"""The emulator's README names every setting, fault and option, and its commands work."""

import asyncio
import json
import re
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import get_args

import pytest

from auth0_mfa_emulator.__main__ import main
from auth0_mfa_emulator.app import MANAGEMENT_API
from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.tenant.refusals import Refusals
from auth0_mfa_emulator.tenant.settings import Settings
from emulator.tests.visitor import Visitor

PAGE = (Path(__file__).parents[1] / "README.md").read_text()


def rows(header: str) -> list[list[str]]:
    """Returns the cells of all tables with this header."""
    tables = [table.partition("\n\n")[0].splitlines()[2:] for table in PAGE.split(f"| {header} |")[1:]]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for table in tables for line in table]


def names(cell: str) -> list[str]:
    """Returns what a cell names in code."""
    return re.findall(r"`([^`]+)`", cell)


def settings_on_the_page() -> dict[str, str]:
    """Returns the default of each setting as the page says it."""
    shown: dict[str, str] = {}
    for cell, default, _ in [*rows("setting | default | meaning"), *rows("setting | default | question")]:
        each = names(cell)
        told = default.split(", ") if len(each) > 1 and default.count(", ") == len(each) - 1 else [default] * len(each)
        shown |= dict(zip(each, told, strict=True))
    return shown


def test_every_setting_is_on_the_page_and_no_other() -> None:
    # Refusals have a paragraph of their own, and so may other settings that link to it.
    assert set(settings_on_the_page()) == set(Settings.model_fields) - {"refusals"}


@pytest.mark.parametrize("setting", [name for cell, *_ in rows("setting | default | question") for name in names(cell)])
def test_every_answer_to_an_open_question_is_tried(setting: str) -> None:
    tests = (path.read_text() for path in Path(__file__).parent.rglob("*.py") if "node_modules" not in path.parts)
    assert any(re.search(rf'\b{setting}=|"{setting}":', text) for text in tests)


def test_every_refusal_that_can_be_worded_otherwise_is_on_the_page_and_no_other() -> None:
    _, _, listed = PAGE.partition("of every error response that no source settles:")
    assert sorted(names(listed.partition("\n\n")[0])) == sorted(Refusals.model_fields)


REPOSITORY = Path(__file__).parents[2]
SDK_TESTS = Path(__file__).parent / "sdk"
SDKS = [(*names(sdk), version, *names(file)) for sdk, version, _, file in rows("SDK | version | journeys | test")]
"""Package, version and test of each row of the table of SDKs."""


def locked_sdks() -> set[tuple[str, str]]:
    """Returns package and version of Auth0's SDKs in the lock files."""
    python = re.findall(r"^(auth0-[a-z-]+)==(\S+)", (REPOSITORY / "requirements-dev.lock").read_text(), re.MULTILINE)
    packages = json.loads((SDK_TESTS / "node" / "package-lock.json").read_text())["packages"]
    wanted = packages[""]["dependencies"]
    installed = {name: packages[f"node_modules/{name}"] for name in wanted if "auth0" in name}
    return {*python, *((one.get("name", name), one["version"]) for name, one in installed.items())}


def test_the_table_of_sdks_has_the_locked_versions_and_no_others() -> None:
    assert {(sdk, version) for sdk, version, _ in SDKS} == locked_sdks()
    assert len(SDKS) > 6


@pytest.mark.parametrize("file", sorted({file for _, _, file in SDKS}))
def test_every_journey_of_the_table_has_its_test(file: str) -> None:
    assert "def test_" in (SDK_TESTS / file).read_text()


def test_every_test_of_an_sdk_is_in_the_table() -> None:
    tests = {path.name for path in SDK_TESTS.glob("test_sdk_*.py")}
    assert tests - {file for _, _, file in SDKS} == {"test_sdk_response_types.py"}


@pytest.mark.parametrize("sdk", sorted({sdk for sdk, _, _ in SDKS}))
def test_three_lines_say_how_to_point_an_sdk_here(sdk: str) -> None:
    (lines,) = re.findall(rf"^`{re.escape(sdk)}`[^\n]*:\n\n```\w+\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(lines.splitlines()) == 3
    assert "localhost:3000" in lines


def test_every_kind_of_fault_is_on_the_page_and_no_other() -> None:
    kinds = [*get_args(Fault.model_fields["kind"].annotation), *get_args(MessageFault.model_fields["kind"].annotation)]
    assert sorted(names(kind)[0] for kind, _ in rows("kind | what happens")) == sorted(kinds)


def test_every_option_is_on_the_page_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert {name.split()[0] for cell, _ in rows("option | purpose") for name in names(cell)} == options - {"--version"}


def test_every_call_of_the_management_api_is_on_the_page_and_no_other() -> None:
    shown = [re.sub(r"\.\.\.\Z", "", path) for cell, _ in rows("calls | what they do") for path in names(cell)]
    served = {re.sub(r"{\w+}", "ID", route.path.removeprefix("/api/v2/")) for route in MANAGEMENT_API}
    assert {path for path in served if not any(re.match(rf"{one}(/|\Z)|{one}(?<=/)", path) for one in shown)} == set()
    assert {one for one in shown if not any(path.startswith(one) for path in served)} == set()


def told(value: object) -> str:
    """Returns a default as the page says it."""
    match value:
        case {"burst": burst, "per_seconds": seconds}:
            return f"{burst}, then 1 in {seconds:g} s"
        case dict():
            return ", ".join(map(told, value.values()))
        case []:
            return "[]"
        case list():
            return ", ".join(map(told, value))
        case _:
            return {"True": "true", "False": "false", "None": "null"}.get(str(value), str(value))


def test_the_defaults_on_the_page_are_those_of_the_code() -> None:
    shown = {name: text.replace("`", "") for name, text in settings_on_the_page().items()}
    # Rows of facts check the first, and a link leads to the second.
    shown = {name: text for name, text in shown.items() if text != "Auth0's" and not text.startswith("see [")}
    assert len(shown) > 40
    defaults = Settings().model_dump()
    assert shown == {name: told(defaults[name]) for name in shown}


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
async def test_the_commands_on_the_page_work_as_they_stand(visitor: Visitor, address: str) -> None:
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "curl" in block]
    commands = "\n".join(blocks).replace("curl ", "curl -s --fail-with-body ").replace("localhost:3000", address)
    process = await asyncio.create_subprocess_exec("sh", "-e", "-c", commands, stdout=PIPE, stderr=PIPE)
    _, complaints = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, complaints, len(blocks)) == (0, b"", 5)
    assert [message["channel"] for message in await visitor.messages("+15555550100")] == ["sms"]
    assert (await visitor.control("GET", "tenant"))["code_seconds"] == 30
    assert [fault["kind"] for fault in await visitor.control("GET", "faults")] == ["drop_response"]


async def test_the_seed_on_the_page_can_be_planted(visitor: Visitor) -> None:
    (seed,) = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert await visitor.control("POST", "seed", seed) == {"users": 1, "clients": 1}
