"""A command whose output goes nowhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, environment


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["keys", "recipient", "me.jwk"]])
def test_situation_15_a_full_disk_is_told_in_one_sentence(arguments: list[str], tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "starter", *arguments],
            cwd=tmp_path,
            env=environment({"PYTHONPATH": str(ROOT)}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (
        1,
        "Error: The output cannot be written: No space left on device.\n",
    )


def test_situation_15_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m starter --help | head -1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout.split()[-1], ended.stderr) == ("0", "")
