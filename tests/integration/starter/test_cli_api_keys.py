"""`api-keys` makes keys that are shown once, and revokes them."""

import re
from pathlib import Path

import pytest

from phone_mfa.api_keys import api_keys
from tests.command_line import CommandLine
from tests.keys import name_of

run = CommandLine()
SETTING = "PHONE_MFA_GATEWAY_API_KEYS"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "api-keys.json"


def test_a_key_is_shown_once_and_revoked(file: Path) -> None:
    made, other = run("api-keys", "new", "onboarding", str(file)), run("api-keys", "new", "crm", str(file), "--json")

    assert re.fullmatch(r"pmk_[A-Za-z0-9_-]{43}\n", made.out)
    assert (made.err, other.json["name"]) == ("", "crm")
    assert name_of(api_keys(str(file)), made.out.strip()) == "onboarding"
    assert name_of(api_keys(str(file)), other.json["key"]) == "crm"

    shown, listed = run("api-keys", "show", str(file), "--json"), run("api-keys", "show", str(file))
    assert [key["name"] for key in shown.json["keys"]] == ["onboarding", "crm"]
    assert [line.split()[0] for line in listed.out.splitlines()] == ["name", "onboarding", "crm"]
    assert "pmk_" not in shown.out + listed.out

    assert run("api-keys", "revoke", "onboarding", str(file)).out == "The key is revoked. Still valid: crm.\n"
    assert name_of(api_keys(str(file)), made.out.strip()) is None


def test_the_file_may_be_the_one_of_the_setting(file: Path) -> None:
    setting = {SETTING: str(file)}

    assert run("api-keys", "new", "onboarding", **setting).code == 0
    assert run("api-keys", "show", "--json", **setting).json["keys"][0]["name"] == "onboarding"
    assert run("api-keys", "revoke", "onboarding", **setting).out == "The key is revoked. Still valid: none.\n"


def test_a_list_of_nobody_is_made_once(file: Path) -> None:
    assert run("api-keys", "prepare", str(file)).code == 0
    run("api-keys", "new", "onboarding", str(file))

    again = run("api-keys", "prepare", str(file), "--json")
    assert [key["name"] for key in again.json["keys"]] == ["onboarding"]


@pytest.mark.parametrize(
    ("arguments", "setting", "sentence"),
    [
        (["new", "onboarding"], "", "Missing argument 'FILE'."),
        (["show"], "[]", "FILE is missing: PHONE_MFA_GATEWAY_API_KEYS contains the list itself"),
        (["new", "a b", "keys.json"], "", "NAME must be 1 to 64 characters of"),
        (["revoke", "nobody", "/nowhere/keys.json"], "", "The file cannot be written: no such file or directory."),
        (["show", "/nowhere/keys.json"], "", "The file cannot be read: no such file or directory."),
        (["prepare", "/nowhere/keys.json"], "", "The file cannot be read: no such file or directory."),
        (["show", "/dev/null"], "", "The file is not a regular file."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments: list[str], setting: str, sentence: str) -> None:
    refused = run("api-keys", *arguments, **{SETTING: setting})

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"Error: {sentence}")
    assert refused.err.count("\n") == 1
