"""`phone-mfa namespace prepare` on the real server, each test in a namespace of its own."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts import attributes, names
from phone_mfa.search_attributes import search_attributes
from tests.command_line import CommandLine
from tests.integration.starter.conftest import SETTINGS
from tests.namespaces import new_namespace, settings_of

ALL = list(names.SEARCH_ATTRIBUTES)


@pytest.fixture
async def client(engine: WorkflowEnvironment) -> Client:
    return await new_namespace(engine)


def command_line(client: Client) -> CommandLine:
    return CommandLine(SETTINGS | settings_of(client))


async def add(client: Client, name: str, kind: str) -> None:
    value = IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes={name: value})
    await client.operator_service.add_search_attributes(request)


async def test_a_bare_namespace_gets_every_attribute_and_a_second_run_changes_nothing(client: Client) -> None:
    run = command_line(client)
    first = await asyncio.to_thread(run, "namespace", "prepare")
    again = await asyncio.to_thread(run, "namespace", "prepare")

    listed = ", ".join(ALL)
    assert (first.code, first.out, first.err) == (0, f"Created in namespace {client.namespace}: {listed}.\n", "")
    assert (again.code, again.out, again.err) == (0, f"Already in namespace {client.namespace}: {listed}.\n", "")
    found = await search_attributes(client)
    assert (found.present, found.missing, found.mistyped) == (ALL, [], {})


async def test_a_flow_can_start_as_soon_as_the_command_has_ended(client: Client) -> None:
    ran = await asyncio.to_thread(command_line(client), "namespace", "prepare")
    told = TypedSearchAttributes([SearchAttributePair(attributes.FLOW, "enrollment")])
    await client.start_workflow(
        "AnyWorkflow", id="any", task_queue="nobody", search_attributes=told, execution_timeout=timedelta(minutes=1)
    )

    assert ran.code == 0, ran.err


async def test_only_what_is_missing_is_created(client: Client) -> None:
    await add(client, "MfaPhase", "Keyword")
    ran = await asyncio.to_thread(command_line(client), "namespace", "prepare", "--json")

    rest = [name for name in ALL if name != "MfaPhase"]
    assert ran.json == {"namespace": client.namespace, "created": rest, "present": ["MfaPhase"]}


async def test_an_attribute_of_another_type_is_named_and_nothing_is_created(client: Client) -> None:
    await add(client, "MfaSends", "Keyword")
    ran = await asyncio.to_thread(command_line(client), "namespace", "prepare")

    assert (ran.code, ran.out) == (2, "")
    assert "MfaSends is Keyword, not Int." in ran.err
    assert f"search-attribute remove --namespace {client.namespace} --name MfaSends`" in ran.err
    assert (await search_attributes(client)).present == []


async def test_a_namespace_that_does_not_exist_is_named(engine: WorkflowEnvironment) -> None:
    target = engine.client.service_client.config.target_host
    run = CommandLine(SETTINGS | {"TEMPORAL_ADDRESS": target, "TEMPORAL_NAMESPACE": "nowhere"})
    ran = await asyncio.to_thread(run, "namespace", "prepare")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Error: Temporal has no namespace nowhere: check TEMPORAL_NAMESPACE.\n"


async def test_without_temporal_the_command_ends_with_3(run: CommandLine) -> None:
    ran = await asyncio.to_thread(run, "namespace", "prepare")

    assert (ran.code, ran.out) == (3, "")
    assert "Temporal cannot be reached at 127.0.0.1:1" in ran.err
