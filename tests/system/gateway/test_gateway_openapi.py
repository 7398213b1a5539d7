"""The OpenAPI document is whole, and true: Schemathesis holds it against the gateway, with good and bad requests."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema_rs import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from gateway.problems import KINDS, MEDIA_TYPE, URN
from tests.system.gateway.installation import API_KEY, Installation

ROOT = Path(__file__).parents[3]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))

Operation = tuple[str, dict[str, Any]]


@pytest.fixture
async def document(installation: Installation) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=installation.address, trust_env=False) as anybody:
        answer = await anybody.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    served: dict[str, Any] = answer.json()
    return served


def operations_in(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def lacking(document: dict[str, Any], *names: str) -> list[str]:
    return [
        f"{place}: {name}" for place, operation in operations_in(document) for name in names if name not in operation
    ]


def problems_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {status: told for status, told in operation["responses"].items() if int(status) >= 400}


async def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


async def test_each_operation_says_what_it_is_and_who_may(document: dict[str, Any]) -> None:
    assert lacking(document, "summary", "description", "operationId", "security", "tags") == []
    for place, operation in operations_in(document):
        ours = place.split()[1].startswith("/v1/") and place != "POST /v1/logins"  # whose body has the link
        assert bool(operation["security"]) is ours, place


async def test_each_body_has_an_example(document: dict[str, Any]) -> None:
    bodies = [operation["requestBody"] for _, operation in operations_in(document) if "requestBody" in operation]
    names = [body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] for body in bodies]

    assert names
    assert [name for name in names if not document["components"]["schemas"][name].get("examples")] == []


async def test_each_answer_has_an_example_that_fits(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for place, operation in operations_in(document):
        for status, answer in operation["responses"].items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if status >= "400" or schema is None:
                continue
            for each in schema.get("anyOf", [schema]):
                name = each["$ref"].rpartition("/")[2]
                [example] = schemas[name]["examples"]
                whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
                assert Draft202012Validator(whole).is_valid(example), f"{place} {status}: {name}"


async def test_each_header_that_matters_is_told(document: dict[str, Any]) -> None:
    told = {
        (place, status): set(answer["headers"])
        for place, operation in operations_in(document)
        for status, answer in operation["responses"].items()
        if answer.get("headers") and status < "400"
    }

    assert told == {
        ("POST /v1/enrollments", "200"): {"Location"},
        ("POST /v1/enrollments", "201"): {"Location", "Preference-Applied"},
        ("POST /v1/challenges", "200"): {"Location"},
        ("POST /v1/challenges", "201"): {"Location", "Preference-Applied"},
        ("POST /v1/flows/{flow_id}/binding-code", "202"): {"Preference-Applied"},
        ("GET /v1/flows/{flow_id}", "200"): {"ETag"},
        ("GET /v1/flows/{flow_id}", "304"): {"ETag"},
    }


async def test_each_problem_is_a_problem_document_with_examples_of_its_status(document: dict[str, Any]) -> None:
    told = set()
    for place, operation in operations_in(document):
        for status, answer in problems_of(operation).items():
            [(media_type, content)] = answer["content"].items()
            examples = [example["value"] for example in content["examples"].values()]
            assert media_type == MEDIA_TYPE, place
            assert {str(example["status"]) for example in examples} == {status}, place
            assert (status in ("429", "503")) is ("Retry-After" in answer.get("headers", {})), place
            told |= {example["type"].removeprefix(URN) for example in examples}

    assert set(KINDS) - told == {"not-found", "method-not-allowed"}  # of addresses and methods that are not there


async def test_what_may_happen_to_any_call_is_said_of_each(document: dict[str, Any]) -> None:
    for place, operation in operations_in(document):
        wanted = {"500"}
        if operation["security"]:
            wanted |= {"401", "429", "503"}
        if "{flow_id}" in place:
            wanted |= {"404"}
        if "requestBody" in operation:
            wanted |= {"413", "422"}
        if operation["security"] == [{"apiKey": []}]:
            wanted |= {"403"}
        assert wanted - set(operation["responses"]) == set(), place


async def test_what_is_started_leads_to_all_that_can_be_done_with_it(document: dict[str, Any]) -> None:
    everything = {op["operationId"] for place, op in operations_in(document) if "{flow_id}" in place}

    for path in ("/v1/enrollments", "/v1/challenges"):
        for status in ("200", "201"):
            links = document["paths"][path]["post"]["responses"][status]["links"].values()
            assert {link["operationId"] for link in links} == everything


@pytest.mark.timeout(240)
async def test_the_gateway_does_what_the_document_says(installation: Installation, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "--config-file", str(CONFIGURATION), "run", f"{installation.address}/openapi.json"),
        *("--header", f"Authorization: Bearer {API_KEY}", "--no-color"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
