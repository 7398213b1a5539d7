"""Key files that several commands change at the same time, and those that others can read."""

import subprocess
import sys
from pathlib import Path

import pytest

from phone_mfa.api_keys import api_keys
from phone_mfa.encryption import seal
from phone_mfa.encryption.keyring_file import read_ring
from tests.command_line import ROOT, CommandLine, environment
from tests.keys import name_of

run = CommandLine()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    assert run("keys", "new", str(path)).code == 0
    return path


def test_rotations_at_the_same_time_all_count(file: Path) -> None:
    command = [sys.executable, "-m", "starter", "keys", "rotate", str(file)]
    at_once = [subprocess.Popen(command, cwd=ROOT, env=environment({}), stdout=subprocess.DEVNULL) for _ in range(6)]

    assert [process.wait(60) for process in at_once] == [0] * 6
    assert len(read_ring(file).keys) == 7


def test_a_key_file_that_others_can_read_is_warned_of_and_used(file: Path) -> None:
    private = file.with_name("me.jwk")
    public = run.process("keys", "recipient", str(private)).json
    sealed = seal(public, b"{}")
    assert (
        run.process("keys", "show", str(file)).err + run.process("open", "--key", str(private), typed=sealed).err == ""
    )

    for path in (file, private):
        path.chmod(0o640)
    warned = [
        run.process("keys", "show", str(file), "--json"),
        run.process("open", "--key", str(private), typed=sealed),
    ]

    assert [ran.code for ran in warned] == [0, 0]
    for ran in warned:
        assert ran.err == "A file of secret keys is readable by users other than its owner: its mode should be 0600.\n"


def test_keys_made_at_the_same_time_all_count(tmp_path: Path) -> None:
    file = tmp_path / "api-keys.json"
    commands = [[sys.executable, "-m", "starter", "api-keys", "new", f"key-{n}", str(file)] for n in range(4)]
    at_once = [
        subprocess.Popen(command, cwd=ROOT, env=environment({}), stdout=subprocess.PIPE, text=True)
        for command in commands
    ]

    made = [process.communicate(timeout=60)[0].strip() for process in at_once]
    assert [name_of(api_keys(str(file)), key) for key in made] == [f"key-{n}" for n in range(4)]
