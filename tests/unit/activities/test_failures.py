"""The table between Auth0's errors and the words flows decide by."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError

from activities import ERROR_MAPPINGS
from activities.error_mapping import raise_if_transient, refusal_of
from phone_mfa import auth0
from phone_mfa.contracts.calls import Refusal


def leaves(error: type[auth0.Auth0Error]) -> Iterator[type[auth0.Auth0Error]]:
    """The errors that are raised: groups only gather them, but one may be raised itself and be refined too."""
    for child in error.__subclasses__():
        yield from leaves(child)
    if not error.__subclasses__() or error is auth0.LoginRefusedError:
        yield error


def test_the_table_is_total_over_the_tree_of_errors_and_holds_nothing_else() -> None:
    assert set(ERROR_MAPPINGS) == set(leaves(auth0.Auth0Error))


def test_every_refusal_a_flow_decides_by_has_an_error() -> None:
    not_of_auth0 = {Refusal.TOO_LATE, Refusal.BUDGET_SPENT, Refusal.NUMBER_NOT_ALLOWED}  # Auth0 was not asked
    assert {failure.refusal for failure in ERROR_MAPPINGS.values()} - {None} == set(Refusal) - not_of_auth0


@pytest.mark.parametrize("error", [error for error, failure in ERROR_MAPPINGS.items() if failure.refusal is None])
def test_what_somebody_must_act_on_is_raised_for_good_and_says_so(error: type[auth0.Auth0Error]) -> None:
    with pytest.raises(ApplicationError) as raised:
        refusal_of(error(status=403, error="unauthorized_client"))
    assert raised.value.non_retryable
    assert raised.value.type == error.__name__
    assert raised.value.message.startswith(error.__doc__.partition("\n")[0] if error.__doc__ else "?")
    assert raised.value.__cause__ is None


def test_a_look_that_may_be_repeated_is_repeated_when_auth0_asks_for_it() -> None:
    with pytest.raises(ApplicationError) as raised:
        raise_if_transient(auth0.RateLimitedError(status=429, retry_after_seconds=17))
    assert not raised.value.non_retryable
    assert raised.value.next_retry_delay is not None
    assert raised.value.next_retry_delay.total_seconds() == 17


def test_a_look_that_auth0_puts_off_for_long_is_left_to_the_flow() -> None:
    raise_if_transient(auth0.RateLimitedError(status=429, retry_after_seconds=3600))


def test_a_look_that_would_be_refused_again_is_not_repeated() -> None:
    raise_if_transient(auth0.MfaTokenInvalidError())


@pytest.mark.parametrize(
    "error", [auth0.CertificateUntrustedError, auth0.CertificateExpiredError, auth0.CertificateNameError]
)
def test_a_certificate_that_is_rejected_is_logged_as_flows_go_on(error: type[auth0.Auth0Error]) -> None:
    with capture_logs() as logs:
        assert refusal_of(error()) is Refusal.NOT_REACHED
    assert [line["event"] for line in logs] == ["auth0.certificate_rejected"]
    assert logs[0]["reason"] == str(error())
