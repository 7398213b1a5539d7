"""Checks that the diagram and table in ``docs/phases.md`` match the state machine."""

import pytest

from phone_mfa.contracts import WaitReason
from tests.unit.machine.phases_page import PAGE, explored, made


@pytest.mark.timeout(600)
def test_the_page_of_phases_is_as_the_machine_makes_it() -> None:
    seen = explored()
    page = PAGE.read_text()
    assert page == made(page, seen), "make phases"
    assert set(WaitReason) == {reason for reasons in seen.reasons.values() for reason in reasons}
