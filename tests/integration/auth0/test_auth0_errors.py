import copy
import re
import time
from email.utils import formatdate

import httpx
import pytest

from phone_mfa import auth0
from phone_mfa.auth0 import Auth0Error, RateLimitedError, errors
from phone_mfa.auth0.retry_after import retry_after_seconds


def drawn(cause: type[Auth0Error]) -> list[str]:
    children = cause.__subclasses__()
    lines = [cause.__name__]
    for child in children:
        last = child is children[-1]
        head, *rest = drawn(child)
        lines += [("└── " if last else "├── ") + head, *(("    " if last else "│   ") + line for line in rest)]
    return lines


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    picture = [line[4:] for line in (errors.__doc__ or "").splitlines() if re.match(r" {4}[A│├└ ]", line)]
    assert [re.split(r"(?<=\w) {2,}", line)[0] for line in picture] == drawn(Auth0Error)


def test_every_error_is_a_public_name() -> None:
    names = {name for name, thing in vars(errors).items() if isinstance(thing, type)}
    assert names <= set(auth0.__all__)


def test_the_public_names_are_there() -> None:
    assert [name for name in auth0.__all__ if not hasattr(auth0, name)] == []


def test_an_error_says_one_sentence_and_its_evidence() -> None:
    assert str(errors.NotReachedError()) == "Auth0 could not be reached, so the request was certainly not processed."
    assert str(errors.InvalidResponseError(status=302)) == "The answer is not a valid Auth0 response. (302)"
    limited = RateLimitedError(status=429, error="too_many_requests", description="d", retry_after_seconds=3.0)
    assert str(limited) == "Auth0 received too many requests. (429 too_many_requests)"
    assert limited.args == ()


def test_an_error_survives_copying() -> None:
    error = RateLimitedError(status=429, error="slow_down", description="d", retry_after_seconds=3.0)
    twin = copy.copy(error)
    assert (type(twin), vars(twin)) == (RateLimitedError, vars(error))


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "30"}, 30.0),
        (503, {"Retry-After": "0"}, 0.0),
        (429, {"Retry-After": "7", "x-ratelimit-reset": "99"}, 7.0),
        (429, {"x-ratelimit-reset": "99"}, 0.0),
        (400, {"x-ratelimit-reset": "9999999999"}, None),
        (429, {}, None),
        (429, {"Retry-After": "soon"}, None),
        (429, {"Retry-After": "-5"}, None),
        (429, {"Retry-After": "1e309"}, None),
        (429, {"Retry-After": "9" * 400}, None),
        (429, {"x-ratelimit-reset": "later"}, None),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00"}, 0.0),
    ],
)
def test_a_wait_is_read_from_the_headers(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(status, httpx.Headers(headers)) == seconds


def test_a_wait_until_a_moment_counts_from_now() -> None:
    then = time.time() + 120
    for headers in ({"Retry-After": formatdate(then, usegmt=True)}, {"x-ratelimit-reset": str(int(then))}):
        assert retry_after_seconds(429, httpx.Headers(headers)) == pytest.approx(119, abs=2)
