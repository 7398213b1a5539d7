"""What a service may give for the end of a flow fits into links, flow tokens and cookies, however long it is."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from gateway.flow_tokens import FlowTokens
from gateway.login_cookies import MAX_COOKIE_LENGTH, LoginBegun, LoginCookies
from gateway.schemas import LinkRequest
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.invitations import Invitations
from phone_mfa.return_address import is_allowed

ORIGIN = "https://app.example.com"
RING = new_ring()
KEYS = FixedRing(RING)
FLOW, RUN, KEY_ID = f"enroll-{'a' * 32}", "01a22a3c-dacc-7640-9467-fe2b58cb1588", "k" * 32
A_DAY = timedelta(days=1)
LONG_ADDRESS = f"{ORIGIN}/".ljust(1000, "x")


@pytest.mark.parametrize("state", ["a" * 500, '"' * 500, "\\" * 500])
@pytest.mark.parametrize("hint", ["a" * 254, "é" * 127])
def test_the_longest_values_fit(state: str, hint: str) -> None:
    asked = LinkRequest(return_to=LONG_ADDRESS, return_state=state, login_hint=hint)

    link = Invitations(KEYS, ORIGIN, A_DAY).issue(FLOW, RUN, 1, None, KEY_ID, asked.back, asked.login_hint)
    invitation = Invitations(KEYS, ORIGIN, A_DAY).read(link.url.partition("#invitation=")[2])
    assert (invitation.back, invitation.hint) == (asked.back, hint)

    text, token = FlowTokens(KEYS, A_DAY).issue(FLOW, RUN, KEY_ID, asked.back, asked.login_hint)
    assert FlowTokens(KEYS, A_DAY).read(text) == token

    cookies = LoginCookies(KEYS, secure=True)
    begun = LoginBegun.now(invitation, invitation=1)
    sealed = cookies.sealed(begun)
    assert len(f"{cookies.name(begun.state)}={sealed}") <= MAX_COOKIE_LENGTH
    assert cookies.opened(sealed, begun.state) == begun


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("return_state", "é" * 500),
        ("return_state", "\x01" * 500),
        ("return_state", "a\n"),
        ("login_hint", "é" * 128),
        ("login_hint", "\N{GRINNING FACE}" * 254),
    ],
)
def test_what_would_not_fit_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LinkRequest.model_validate({"return_to": LONG_ADDRESS, field: value})

    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_an_address_has_no_quotes() -> None:
    assert is_allowed(LONG_ADDRESS, {ORIGIN})
    assert not is_allowed(f'{ORIGIN}/?a="b"', {ORIGIN})
