"""The product installed from its wheel, without the emulator and without what only the gateway and others need."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from emulator.tests.alone import Alone, installed_alone

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return installed_alone(ROOT, tmp_path_factory.mktemp("alone"))


def test_its_command_says_its_version_and_its_worker_its_options(alone: Alone) -> None:
    assert alone.said("phone-mfa", "--version") == f"phone-mfa {version('phone-mfa')}\n"
    assert "--max-activities-per-second" in alone.said("python", "-m", "worker", "--help")


def test_its_wheel_holds_nothing_of_the_emulator_and_no_tests(alone: Alone) -> None:
    names = {file.partition("/")[0] for file in alone.files if "__pycache__" not in file and not file.startswith("../")}
    assert {re.sub(r"-.*\.dist-info$", ".dist-info", name) for name in names} == {
        *("activities", "codec_server.py", "gateway", "phone_mfa", "starter", "worker.py", "workflows"),
        "phone_mfa.dist-info",
    }
