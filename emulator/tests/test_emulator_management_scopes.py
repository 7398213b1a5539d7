"""Each call of the Management API needs its scope, and no other."""

import re

import pytest

from auth0_mfa_emulator.app import MANAGEMENT_API
from auth0_mfa_emulator.tenant.clients import MANAGEMENT_SCOPES
from emulator.tests.facts.facts_scopes import SCOPES
from emulator.tests.visitor import Visitor


async def called(visitor: Visitor, method: str, path: str, scopes: list[str]) -> tuple[int, dict[str, object]]:
    """Returns status and body of a call without a body, with a token of these scopes."""
    answer = await visitor.manage(method, path, scope=" ".join(scopes))
    return answer.status_code, answer.json() if answer.content and answer.status_code == 403 else {}


def test_every_call_has_its_scopes() -> None:
    calls = {
        (method, re.sub(r"{\w+}", "ID", route.path.removeprefix("/api/v2/")))
        for route in MANAGEMENT_API
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(SCOPES) == calls


@pytest.mark.parametrize(("method", "path"), SCOPES, ids=str)
async def test_a_call_needs_one_of_its_scopes(visitor: Visitor, method: str, path: str) -> None:
    needed = SCOPES[method, path].split(",")
    others = [scope for scope in MANAGEMENT_SCOPES if scope not in needed]
    assert await called(visitor, method, path, others) == (
        403,
        {
            "statusCode": 403,
            "error": "Forbidden",
            "message": f"Insufficient scope, expected any of: {SCOPES[method, path]}",
            "errorCode": "insufficient_scope",
        },
    )
    for scope in needed:
        assert (await called(visitor, method, path, [scope]))[0] != 403
