"""What ``docs/phases.md`` draws and lists is what the machine does."""

import pytest

from phone_mfa.contracts import WaitReason
from tests.machine.phases_page import PAGE, explored, made


@pytest.mark.timeout(600)
def test_the_page_of_phases_is_as_the_machine_makes_it() -> None:
    seen = explored()
    page = PAGE.read_text()
    assert page == made(page, seen), "make phases"
    assert set(WaitReason) == {reason for reasons in seen.reasons.values() for reason in reasons}
