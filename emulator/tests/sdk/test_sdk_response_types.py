"""Answers of the Management API against the response types of the SDKs, generated from Auth0's own description of it.

Members that a type does not name, or requires and misses, and values of another type are listed here and explained in
the README.
"""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest
from auth0.management import Auth0
from pydantic import BaseModel, TypeAdapter, ValidationError

from auth0_mfa_emulator.app import MANAGEMENT_API
from emulator.tests.sdk import javascript
from emulator.tests.sdk.management_answers import Answer, Recorder, recorded
from emulator.tests.test_emulator_readme import rows
from emulator.tests.visitor import Visitor

Difference = tuple[str, str, str]
"""A resource, a member of its answers, and `unknown`, `missing` or `wrong`."""

UNNAMED_IN_LOGS = {("logs", name, "unknown") for name in ("_id", "organization_id", "organization_name")}
NULL_IN_LOGS = {
    ("logs", name, "wrong")
    for name in ("audience", "connection", "details", "location_info", "scope", "strategy", "strategy_type")
}
NEWER_THAN_VERSION_5 = {
    ("suspiciousIpThrottling", "stage.pre-custom-token-exchange", "unknown"),
    ("phoneProviderProtection", "type", "wrong"),
}


def _node(*parameters: object) -> Any:
    """Returns parameters of a test that needs the JavaScript SDKs."""
    return pytest.param(*parameters, marks=javascript.NEEDS_NODE)


@pytest.fixture(scope="module")
async def recorder(http: httpx.AsyncClient) -> Recorder:
    await http.post("/_control/reset")
    return await recorded(Visitor(http))


async def test_every_call_that_answers_with_a_body_is_recorded(recorder: Recorder) -> None:
    routes = {(method, route.path) for route in MANAGEMENT_API for method in route.methods or ()}
    assert recorder.routes == {(method, path) for method, path in routes if method not in ("HEAD", "DELETE")}


async def test_answers_have_the_types_of_auth0_python(recorder: Recorder) -> None:
    assert set(differences_from_python(recorder.answers)) == UNNAMED_IN_LOGS


@pytest.mark.parametrize(("package", "newer"), [_node("auth0", set()), _node("auth0-v5", NEWER_THAN_VERSION_5)])
async def test_answers_have_the_types_of_auth0_node(recorder: Recorder, package: str, newer: set[Difference]) -> None:
    assert set(differences_from_node(recorder.answers, package)) == UNNAMED_IN_LOGS | NULL_IN_LOGS | newer


_ODD = [
    Answer("users.get", {"blocked": "true", "color": "red"}),
    Answer("users.authentication_methods.list", {"authenticators": [{"id": "a", "type": "phone"}]}),
]
_ODDITIES = {
    ("users", "blocked", "wrong"),
    ("users", "color", "unknown"),
    ("authenticationMethods", "created_at", "missing"),
}


def test_the_comparison_with_auth0_python_finds_what_is_odd() -> None:
    assert set(differences_from_python(_ODD)) == _ODDITIES


@pytest.mark.parametrize("package", [_node("auth0"), _node("auth0-v5")])
def test_the_comparison_with_auth0_node_finds_what_is_odd(package: str) -> None:
    assert set(differences_from_node(_ODD, package)) == _ODDITIES


@pytest.mark.parametrize("name", sorted({name for _, name, _ in UNNAMED_IN_LOGS | NULL_IN_LOGS | NEWER_THAN_VERSION_5}))
def test_the_readme_explains_every_difference(name: str) -> None:
    explained = [difference for _, difference, _ in rows("where | difference | why")]
    assert any(f"`{name.rpartition('.')[2]}`" in one for one in explained)


def differences_from_python(answers: list[Answer]) -> Iterator[Difference]:
    client = Auth0(base_url="http://localhost/api/v2", token="x")
    for answer in answers:
        call = answer.call.removesuffix("[]")
        kind = get_type_hints(reduce(getattr, call.split("."), client))["return"]
        if get_origin(kind) and get_origin(kind).__name__ == "SyncPager":
            entry, page = get_args(kind)
            kind = page if call == answer.call else list[entry]  # type: ignore[valid-type]
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        for path, problem in misfits(adapter, answer.body):
            yield difference(answer.call, path, problem)
        with contextlib.suppress(ValidationError):
            yield from (
                difference(answer.call, path, "unknown") for path in unknown(adapter.validate_python(answer.body))
            )


def misfits(adapter: TypeAdapter[Any], body: object) -> Iterator[tuple[str, str]]:
    """Yields what strict validation complains of."""
    try:
        adapter.validate_python(body, strict=True)
    except ValidationError as error:
        for one in error.errors():
            # The SDK's models read times from JSON, but not strictly.
            if one["type"] != "datetime_type" or not datetime.fromisoformat(one["input"]).tzinfo:
                path = ".".join(part for part in one["loc"] if isinstance(part, str))
                yield path, "missing" if one["type"] == "missing" else "wrong"


def unknown(value: object, path: str = "") -> Iterator[str]:
    """Yields the paths of members that models do not name."""
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or {})
        for name, inner in value:
            yield from unknown(inner, f"{path}.{name}")
    if isinstance(value, list):
        for one in value:
            yield from unknown(one, path)


def differences_from_node(answers: list[Answer], package: str) -> Iterator[Difference]:
    given = [{"call": camel_case(one.call), "body": one.body} for one in answers]
    command = [javascript.NODE, str(javascript.FOLDER / "response_types.mjs"), package]
    ended = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 0, ended.stderr
    for call, path, problem in json.loads(ended.stdout):
        yield difference(call, path, problem)


def difference(call: str, path: str, problem: str) -> Difference:
    """Returns it for the resource of a call; lists are not told from their entries."""
    resource = camel_case(call.split(".")[-2])
    member = path.replace("[]", "").lstrip(".")
    return resource, re.sub(r"\A(users|authenticators|clients|client_grants|logs)\.", "", member), problem


def camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
