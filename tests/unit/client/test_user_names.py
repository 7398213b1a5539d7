"""Spellings of one user, which are one flow if the callers say so."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import Client

from phone_mfa.client import Flows
from phone_mfa.client.user_names import folded_user
from phone_mfa.settings import FlowSettings, SettingsError
from tests.keys import KEYS

USER = "zoé@example.com"
SPELLINGS = [
    USER,
    "Zoé@Example.COM",
    " zoé@example.com",
    "zoé@example.com\n",
    "zoe\N{COMBINING ACUTE ACCENT}@example.com",
    "\N{ZERO WIDTH NO-BREAK SPACE}zoé@example.com\N{RIGHT-TO-LEFT MARK}",
    "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in USER),
]
"""Seven, which were seven flows."""

AUTH0_USERS = ["auth0|5F7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"]


async def flow_ids(users: list[str], *, fold_users: bool = False) -> set[str]:
    client = await Client.connect("127.0.0.1:1", lazy=True, identity="tests")
    flows = Flows(client, tenant="tenant", keys=KEYS, fold_users=fold_users)
    return {flows.flow_id("enroll", user) for user in users}


async def test_a_user_is_taken_as_written_unless_told_otherwise() -> None:
    assert len(await flow_ids(SPELLINGS)) == 7
    assert len(await flow_ids(AUTH0_USERS)) == 2


async def test_seven_spellings_of_a_user_are_one_flow_once_they_are_folded() -> None:
    assert await flow_ids(SPELLINGS, fold_users=True) == await flow_ids([USER])


async def test_users_that_differ_in_more_than_spelling_are_not_one() -> None:
    users = [
        "ada@example.com",
        "ada@example.org",
        "a da@example.com",
        "adá@example.com",
        "ada+1@example.com",
        " ",
        "\t",
    ]

    assert len(await flow_ids(users, fold_users=True)) == len(users)


def test_spaces_within_a_user_become_one() -> None:
    assert folded_user("Ada\N{NO-BREAK SPACE}  Lovelace") == "ada lovelace"


def test_each_character_is_folded_for_good() -> None:
    changing = [f"a{chr(point)}b" for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)) != "Cs"]

    assert [text for text in changing if folded_user(folded_user(text)) != folded_user(text)] == []


@given(st.text(min_size=1))
def test_folding_twice_changes_nothing(user: str) -> None:
    assert folded_user(folded_user(user)) == folded_user(user) != ""


def test_gateway_and_command_read_one_setting_which_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHONE_MFA_FOLD_USERS", raising=False)
    assert FlowSettings.read().fold_users is False
    monkeypatch.setenv("PHONE_MFA_FOLD_USERS", "true")
    assert FlowSettings.read().fold_users is True
    monkeypatch.setenv("PHONE_MFA_FOLD_USERS", "sometimes")
    with pytest.raises(SettingsError, match=r"^PHONE_MFA_FOLD_USERS: "):
        FlowSettings.read()
