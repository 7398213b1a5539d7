"""A cursor is taken back only as it was given, and for the list it was given for."""

import pytest

from phone_mfa.client.errors import RefusedMessageError
from phone_mfa.client.listing import FlowPage
from phone_mfa.client.pagination import signed, unsigned
from tests.keys import NAMING_KEY

QUERY = "MfaPhase = 'done'"


def given(cursor: str | None) -> str | None:
    return signed(FlowPage((), cursor), NAMING_KEY, QUERY).cursor


@pytest.mark.parametrize("cursor", [None, "e30=", ""])
def test_what_was_given_is_taken_back(cursor: str | None) -> None:
    assert unsigned(given(cursor), NAMING_KEY, QUERY) == cursor


@pytest.mark.parametrize("cursor", ["", "e30=", "e30=.", f"{given('e30=')}x", f"x{given('e30=')}", "é.é"])
def test_what_was_not_given_is_refused(cursor: str) -> None:
    with pytest.raises(RefusedMessageError, match="not a cursor of this list"):
        unsigned(cursor, NAMING_KEY, QUERY)


def test_the_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(RefusedMessageError):
        unsigned(given("e30="), NAMING_KEY, "")
