"""The emulator's page names every switch, fault and option there is."""

import re
from pathlib import Path
from typing import get_args

from emulator.calls.faults import Fault
from emulator.phone.message_faults import MessageFault
from emulator.tenant.refusals import Refusals
from emulator.tenant.settings import Settings

PAGE = (Path(__file__).parents[2] / "emulator" / "README.md").read_text()


def test_every_switch_is_on_the_page() -> None:
    assert [name for name in Settings.model_fields if f"`{name}`" not in PAGE] == []


def test_every_refusal_that_can_be_worded_otherwise_is_on_the_page() -> None:
    assert [name for name in Refusals.model_fields if f"`{name}`" not in PAGE] == []


def test_every_kind_of_fault_is_on_the_page() -> None:
    kinds = [*get_args(Fault.model_fields["kind"].annotation), *get_args(MessageFault.model_fields["kind"].annotation)]
    assert [kind for kind in kinds if f"| `{kind}` |" not in PAGE] == []


def test_the_defaults_on_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `?([\w ]+?)`? \|", PAGE, re.MULTILINE)
    defaults = Settings().model_dump()
    shown = {name: text for name, text in rows if name in defaults}
    words = {True: "true", False: "false", None: "null"}
    assert len(shown) > 15
    assert shown == {name: words.get(defaults[name], str(defaults[name])) for name in shown}
