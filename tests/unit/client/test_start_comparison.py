"""What a start does with the flow that it meets, by what both ask for."""

import pytest
from pydantic import SecretStr

from phone_mfa.client import ConflictingStartError, OnConflict
from phone_mfa.client.start_comparison import COMPARED, NOT_COMPARED, Request, attaches
from phone_mfa.contracts import Channel, FlowPolicy, RecipientKey, StartChallenge, StartEnrollment, WhenEnrolled
from phone_mfa.encryption import new_recipient, public_of

RECIPIENT = RecipientKey.model_validate(public_of(new_recipient()))
ENROLLMENT = StartEnrollment(phone_number=SecretStr("+15555550123"))
INVITED = ENROLLMENT.model_copy(update={"invited": True})
CHALLENGE = StartChallenge()
CHANGES: list[tuple[Request, str, object]] = [
    (ENROLLMENT, "phone_number", SecretStr("+15555559876")),
    (ENROLLMENT, "channel", Channel.VOICE),
    (ENROLLMENT, "when_enrolled", WhenEnrolled.CHALLENGE_FIRST),
    (ENROLLMENT, "invited", True),
    (ENROLLMENT, "recipient", RECIPIENT),
    (ENROLLMENT, "policy", FlowPolicy(sends=2)),
    (ENROLLMENT, "flow_seconds", 60),
    (CHALLENGE, "channel", Channel.VOICE),
    (CHALLENGE, "authenticator_id", "sms|dev_1"),
    (CHALLENGE, "recipient", RECIPIENT),
    (CHALLENGE, "policy", FlowPolicy(sends=2)),
    (CHALLENGE, "flow_seconds", 60),
]
REFUSE, REPLACE = OnConflict.REFUSE, OnConflict.REPLACE


def with_login(request: Request, token: str) -> Request:
    return request.model_copy(update={"mfa_token": SecretStr(token)})


FIRST, SECOND = with_login(CHALLENGE, "Fe26.2*first"), with_login(CHALLENGE, "Fe26.2*second")


def test_every_field_of_a_start_is_compared_or_is_known_not_to_be() -> None:
    fields = {*StartEnrollment.model_fields, *StartChallenge.model_fields}
    assert fields == {*COMPARED, *NOT_COMPARED}
    assert {name for _, name, _ in CHANGES} == set(COMPARED)


@pytest.mark.parametrize(("running", "name", "value"), CHANGES)
def test_what_differs_is_named_or_replaces(running: Request, name: str, value: object) -> None:
    asked = running.model_copy(update={name: value})

    with pytest.raises(ConflictingStartError) as refused:
        attaches(running, False, asked, REFUSE)

    assert refused.value.fields == (name,)
    assert not attaches(running, False, asked, REPLACE)


def test_a_refusal_has_no_values() -> None:
    asked = ENROLLMENT.model_copy(update={"phone_number": SecretStr("+15555559876"), "flow_seconds": 61})

    with pytest.raises(ConflictingStartError) as refused:
        attaches(ENROLLMENT, False, asked, REFUSE)

    assert str(refused.value) == "The user's running flow has another phone_number and another flow_seconds."


@pytest.mark.parametrize("on_conflict", OnConflict)
@pytest.mark.parametrize(
    ("running", "has_login", "asked", "expected"),
    [
        (CHALLENGE, False, CHALLENGE, True),
        (FIRST, True, FIRST, True),
        (FIRST, False, FIRST, True),
        (FIRST, True, SECOND, False),
        (CHALLENGE, False, FIRST, False),
        (CHALLENGE, True, FIRST, False),
        (INVITED, False, INVITED, True),
        (INVITED, True, INVITED, True),
        (None, False, CHALLENGE, False),
    ],
    ids=[
        "both without a login",
        "the same login",
        "the same login, which Auth0 has refused",
        "another login",
        "a login to one without",
        "a login to one that was given one later",
        "both of an invited user",
        "both of an invited user, who has signed in",
        "to one that nobody is known to have started",
    ],
)
def test_whoever_asks_for_the_same_attaches_unless_that_would_mix_two_logins(
    running: Request | None, has_login: bool, asked: Request, expected: bool, on_conflict: OnConflict
) -> None:
    assert attaches(running, has_login, asked, on_conflict) is expected


@pytest.mark.parametrize(("running", "has_login"), [(FIRST, True), (FIRST, False), (CHALLENGE, True)])
def test_a_start_without_a_login_never_joins_one(running: Request, has_login: bool) -> None:
    with pytest.raises(ConflictingStartError) as refused:
        attaches(running, has_login, CHALLENGE, REFUSE)

    assert refused.value.fields == ("mfa_token",)
    assert not attaches(running, has_login, CHALLENGE, REPLACE)


def test_a_flow_whose_login_auth0_refused_keeps_nobody_out() -> None:
    made_up = with_login(ENROLLMENT.model_copy(update={"phone_number": SecretStr("+15555559876")}), "made-up")
    asked = with_login(ENROLLMENT, "Fe26.2*mine")

    assert not attaches(made_up, False, asked, REFUSE)
    with pytest.raises(ConflictingStartError):
        attaches(made_up, True, asked, REFUSE)


def test_a_login_replaces_what_was_started_without_one_though_that_differs() -> None:
    asked = with_login(ENROLLMENT.model_copy(update={"phone_number": SecretStr("+15555559876")}), "Fe26.2*mine")

    assert not attaches(ENROLLMENT, False, asked, REFUSE)
