"""The OpenAPI document names each problem that an operation can end with, also those that share a status."""

import pytest

from gateway.app import openapi_document
from gateway.problems import MEDIA_TYPE


def problems_of(operation_id: str) -> set[str]:
    operations = [operation for path in openapi_document()["paths"].values() for operation in path.values()]
    [operation] = [one for one in operations if one["operationId"] == operation_id]
    contents = [answer.get("content", {}).get(MEDIA_TYPE, {}) for answer in operation["responses"].values()]
    return {name for content in contents for name in content.get("examples", {})}


@pytest.mark.parametrize("operation", ["startEnrollment", "issueLink", "revokeLinks", "beginLogin", "beginLoginInFlow"])
def test_what_needs_a_login_says_that_a_gateway_may_have_none(operation: str) -> None:
    assert "login-not-enabled" in problems_of(operation)


@pytest.mark.parametrize(
    ("operation", "problems"),
    [
        ("revokeLinks", {"no-worker", "engine-unreachable"}),
        ("beginLoginInFlow", {"unknown-flow", "invitation-unusable", "not-invited", "flow-over"}),
        ("startEnrollment", {"start-conflict", "not-invited", "flow-over"}),
        ("changePhoneNumber", {"bad-input", "number-not-allowed", "too-early", "not-possible", "flow-over"}),
        ("showRecoveryCode", {"unknown-flow", "no-recovery-code", "flow-running"}),
    ],
)
def test_problems_of_one_status_are_all_named(operation: str, problems: set[str]) -> None:
    assert problems <= problems_of(operation)
