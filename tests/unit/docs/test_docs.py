"""What the documentation says is checked against the code, the command line and recorded flows."""

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from phone_mfa.contracts import Outcome, Phase, live_view, names
from phone_mfa.settings import GatewaySettings
from starter.__main__ import app
from starter.cli import prompts
from tests.command_line import CommandLine

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PHASES_PAGE = (ROOT / "docs" / "phases.md").read_text()
OUTCOMES_PAGE = (ROOT / "docs" / "outcomes.md").read_text()
COMMANDS_PAGE = (ROOT / "docs" / "command-line.md").read_text()
HISTORIES = sorted((ROOT / "tests" / "unit" / "replay" / "histories").glob("*.json"))

MESSAGES = {
    value for value in vars(names).values() if isinstance(value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", value)
}


def code_in(page: str) -> str:
    """What stands in code blocks and code spans."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", prose)])


def section(page: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_column(table: str) -> list[str]:
    return re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)


def drawn_transitions() -> set[tuple[str, str]]:
    diagram = re.search(r"```mermaid\n(.*?)```", PHASES_PAGE, re.DOTALL)
    assert diagram
    return set(re.findall(r"^\s*(\S+) --> (\S+?)(?::.*)?$", diagram[1], re.MULTILINE))


TELLING = ("workflowExecutionStartedEventAttributes", "upsertWorkflowSearchAttributesEventAttributes")


def phases_of(history: Path) -> Iterator[str]:
    """The phases a recorded flow went through, in order: those it told, and those that a call shows."""
    events = json.loads(history.read_text())["events"]
    if not events[0]["workflowExecutionStartedEventAttributes"].get("continuedExecutionRunId"):
        yield "[*]"
    for event in events:
        told: dict[str, Any] = next((event[kind].get("searchAttributes", {}) for kind in TELLING if kind in event), {})
        call = event.get("activityTaskScheduledEventAttributes", {}).get("activityType", {}).get("name")
        if phase := told.get("indexedFields", {}).get("MfaPhase"):
            yield json.loads(base64.b64decode(phase["data"]))
        elif call in live_view.PHASES:
            yield live_view.PHASES[call]


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def words_of(file: Path) -> set[str]:
    return set(re.findall(r"\w+", file.read_text()))


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def commands() -> list[str]:
    found = (
        re.findall(r"phone-mfa ((?:api-keys|keys|namespace|tenant) [a-z-]+|[a-z][a-z-]*)", code_in(page.read_text()))
        for page in PAGES
    )
    return sorted({command for on_page in found for command in on_page})


def commands_there_are(typed: typer.Typer, before: str = "") -> Iterator[str]:
    """The commands of the command line, as they are typed."""
    for command in typed.registered_commands:
        yield before + str(command.name)
    for group in typed.registered_groups:
        assert group.typer_instance
        yield from commands_there_are(group.typer_instance, f"{group.name} ")


def test_the_diagram_has_exactly_the_phases_of_the_contract() -> None:
    states = {state for transition in drawn_transitions() for state in transition} - {"[*]"}

    assert states == set(Phase)


def test_every_transition_of_a_recorded_flow_is_drawn() -> None:
    drawn = drawn_transitions()
    unknown = {
        (before, after): history.name
        for history in HISTORIES
        for before, after in pairwise(phases_of(history))
        if before != after and (before, after) not in drawn
    }

    assert HISTORIES
    assert unknown == {}


def test_the_outcomes_listed_are_exactly_those_of_the_contract() -> None:
    assert first_column(section(OUTCOMES_PAGE, "Outcomes")) == list(Outcome)


def test_the_phases_listed_are_exactly_those_of_the_contract() -> None:
    assert first_column(section(PHASES_PAGE, "Messages accepted in each phase")) == list(Phase)
    assert first_column(section(OUTCOMES_PAGE, "Phases")) == list(Phase)


def test_the_readme_leads_to_every_page() -> None:
    pages = {page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").glob("*.md")}
    linked = {target.partition("#")[0] for page, target in links() if page == ROOT / "README.md"}

    assert pages - linked <= {"docs/index.md"}


def test_the_commands_listed_are_exactly_those_there_are() -> None:
    listed = re.findall(r"`phone-mfa ([a-z -]+)`", COMMANDS_PAGE.split("\n## ", 1)[0])

    assert sorted(listed) == sorted(commands_there_are(app))


def test_the_variables_listed_are_exactly_those_that_commands_ask_for() -> None:
    listed = re.findall(r"^\| .+ \| `(\w+)` \|$", section(COMMANDS_PAGE, "Secrets"), re.MULTILINE)
    questions = [value for value in vars(prompts).values() if isinstance(value, prompts.Question)]

    assert sorted(listed) == sorted(question.variable for question in questions if question.variable)


def test_the_messages_listed_are_exactly_those_of_the_contract() -> None:
    table = section((ROOT / "docs" / "signalling.md").read_text(), "Messages").split("\n### ", 1)[0]

    assert set(first_column(table)) == MESSAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_message_sent_in_an_example_exists(page: Path) -> None:
    sent = re.findall(
        r"temporal workflow .*--name (\w+)|(?:signal|query|executeUpdate)\('(\w+)'", code_in(page.read_text())
    )

    assert {name or other for name, other in sent} <= MESSAGES


@pytest.mark.parametrize(("page", "target"), [pytest.param(*link, id=f"{link[0].name} {link[1]}") for link in links()])
def test_every_relative_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = page.parent / path if path else page

    assert file.exists()
    assert not anchor or anchor in anchors_of(file)


@pytest.mark.parametrize("command", commands())
def test_every_command_named_exists(command: str) -> None:
    answer = CommandLine()(*command.split(), "--help")

    assert answer.code == 0, answer.err


NAMING_FILES = [*PAGES, ROOT / "SECURITY.md", ROOT / "benchmarks" / "RESULTS.md", ROOT / "emulator" / "README.md"]


@pytest.mark.parametrize("page", NAMING_FILES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_and_folder_a_page_names_is_there(page: Path) -> None:
    rooms = "activities|benchmarks|deploy|docs|emulator|gateway|phone_mfa|starter|tests|workflows"
    for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", page.read_text()):
        assert (ROOT / path).exists(), path


def test_every_function_in_the_life_of_a_code_is_where_the_page_says() -> None:
    page = (ROOT / "docs" / "life-of-a-code.md").read_text()
    named = re.findall(r"`([\w.]+)`(?:\s+\(| \| |\s+in\s+)`([\w/]+\.py)`", page)
    gone = [f"{name} in {file}" for name, file in named if not set(name.split(".")) <= words_of(ROOT / file)]
    path = re.findall(r"^\| \d+ \| `\S+` \| `(\S+)` \|", page, re.MULTILINE)

    assert (len(named) > 25, gone) == (True, [])
    assert (0 < len(path) <= 12, len(set(path)) <= 8) == (True, True)


def test_every_setting_of_the_gateway_is_listed_with_its_default() -> None:
    listed = section((ROOT / "docs" / "running.md").read_text(), "The gateway").split("\n### ", 1)[0]
    rows = dict(re.findall(r"^\| `PHONE_MFA_GATEWAY_(\w+)` \| `?([^|`]*?)`? \|", listed, re.MULTILINE))
    fields = GatewaySettings.model_fields

    assert rows == {
        name.upper(): "required" if field.is_required() else str(field.default or "none")
        for name, field in fields.items()
    }
