"""The emulator's README names every setting, fault and option, and its commands work."""

import asyncio
import json
import re
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import get_args

import pytest

from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.tenant.refusals import Refusals
from auth0_mfa_emulator.tenant.settings import Settings
from emulator.tests.visitor import Visitor

PAGE = (Path(__file__).parents[1] / "README.md").read_text()


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


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
async def test_the_commands_on_the_page_work_as_they_stand(visitor: Visitor, address: str) -> None:
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "curl" in block]
    commands = "\n".join(blocks).replace("curl ", "curl -s --fail-with-body ").replace("localhost:3000", address)
    process = await asyncio.create_subprocess_exec("sh", "-e", "-c", commands, stdout=PIPE, stderr=PIPE)
    _, complaints = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, complaints, len(blocks)) == (0, b"", 4)
    assert [message["channel"] for message in await visitor.messages("+15555550100")] == ["sms"]
    assert (await visitor.control("GET", "tenant"))["code_seconds"] == 30
    assert [fault["kind"] for fault in await visitor.control("GET", "faults")] == ["drop_response"]


async def test_the_seed_on_the_page_can_be_planted(visitor: Visitor) -> None:
    (seed,) = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert await visitor.control("POST", "seed", seed) == {"users": 1, "clients": 1}
