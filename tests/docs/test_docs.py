"""The pages say what the code does."""

import base64
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from phone_mfa.contracts import Outcome, Phase, names

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HISTORIES = sorted((ROOT / "tests" / "replay" / "histories").glob("*.json"))
PHASES = (ROOT / "docs" / "phases.md").read_text()
DRAWN = set(re.findall(r"^\s+(\S+) --> (\S+)$", PHASES, re.MULTILINE))


def phases_of(history: Path) -> list[str]:
    """The phases that a recorded flow announced, in order."""
    found = []
    for event in json.loads(history.read_text())["events"]:
        attributes = event.get("upsertWorkflowSearchAttributesEventAttributes", {}).get("searchAttributes", {})
        if phase := attributes.get("indexedFields", {}).get("MfaPhase"):
            found.append(json.loads(base64.b64decode(phase["data"])))
    return found


def test_the_diagram_has_exactly_the_phases_there_are() -> None:
    assert {state for way in DRAWN for state in way} - {"[*]"} == set(Phase)


def test_the_diagram_has_exactly_the_ways_recorded_flows_take() -> None:
    taken = {way for history in HISTORIES for way in pairwise(["[*]", *phases_of(history), "[*]"]) if way[0] != way[1]}
    ended = {(first, last) for first, last in taken if last == "[*]" and first != "done"}  # recorded in the middle
    assert DRAWN == taken - ended


def test_the_page_of_phases_names_every_outcome() -> None:
    [listed] = re.findall(r"^Outcomes, in `done`: (.*)\.$", PHASES, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed)) == set(Outcome)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_command_the_pages_name_exists() -> None:
    named = {
        words for page in PAGES for words in re.findall(r"phone-mfa ((?:tenant )?[a-z][a-z-]+)\b", page.read_text())
    }
    assert len(named) > 15
    for words in named:
        run = subprocess.run(
            [sys.executable, "-m", "starter", *words.split(), "--help"], capture_output=True, check=False
        )
        assert run.returncode == 0, words


def test_every_message_of_a_flow_is_on_the_page_about_signalling_and_no_other() -> None:
    page = (ROOT / "docs" / "signalling.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)` \| (?:signal|update|query)", page, re.MULTILINE))
    messages = {
        names.SUBMIT_BINDING_CODE,
        names.CHECK_BINDING_CODE,
        names.CHECK_RECOVERY_CODE,
        names.PROVIDE_MFA_TOKEN,
        names.RENEW_MFA_TOKEN,
        names.RESEND_CODE,
        names.SWITCH_CHANNEL,
        names.CHANGE_PHONE_NUMBER,
        names.CANCEL_FLOW,
        names.VIEW,
    }
    assert listed == messages
