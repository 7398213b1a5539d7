"""Nothing readable is left: in what Temporal keeps and shows, in what we log, in what others see of our processes."""

import getpass
import json
import re
import socket

import pytest

from phone_mfa.contracts import Outcome
from tests.system.leaks.evidence import Evidence
from tests.system.leaks.hostile import UNSEALED
from tests.system.leaks.journeys import JOURNEYS
from tests.system.leaks.search import Hit, Search
from tests.system.leaks.secrets import Secrets

pytestmark = pytest.mark.timeout(400)

KINDS = {
    "arguments",
    "codec answers",
    "database after its end",
    "database while it runs",
    "describe",
    "gateway answers",
    "history",
    "list",
    "log",
    "log of the starter",
    "metrics",
    "output",
    "query",
    "task queue",
    "values after its end",
    "values while it runs",
    "workers",
}

KEPT_BY_TEMPORAL = {
    "database after its end",
    "database while it runs",
    "describe",
    "history",
    "list",
    "query",
    "values after its end",
    "values while it runs",
}
"""Where whole values are, and so a number and a code that nobody sealed."""

GATEWAY_METRICS = ("metrics", "gateway")

TOLD = {"describe", "history", "list", "query", "task queue"}
"""What Temporal answers, which it may show in its UI."""


def test_every_journey_ended_as_it_should_and_every_outcome_is_among_them(evidence: Evidence) -> None:
    assert evidence.ended == JOURNEYS
    assert set(Outcome) <= set(evidence.ended.values())
    assert {"COMPLETED", "FAILED", "CANCELED", "TERMINATED"} <= evidence.statuses


def test_there_were_secrets_of_every_kind(evidence: Evidence) -> None:
    assert evidence.secrets.kinds == {
        "API key",
        "access token",
        "authorization code",
        "binding code",
        "client secret",
        "codec token",
        "device code",
        "flow token",
        "id token",
        "idempotency key",
        "key for flow tokens",
        "link",
        "login cookie",
        "malformed code",
        "malformed number",
        "mfa_token",
        "misplaced",
        "naming key",
        "oob_code",
        "password",
        "phone number",
        "recipient's key",
        "recovery code",
        "refresh token",
        "sealing key",
        "state of an app",
        "submission id",
        "unknown member",
        "user",
    }


def test_every_kind_of_place_was_looked_at(evidence: Evidence) -> None:
    assert {place.kind for place in evidence.places} == KINDS
    files = {place.name for place in evidence.places if place.kind == "database while it runs"}
    assert files == {"temporal.db", "temporal.db-shm", "temporal.db-wal"}


def test_every_call_of_the_gateway_was_made_with_success(evidence: Evidence) -> None:
    [document] = [place.content for place in evidence.places if place.name == "GET /openapi.json"]
    [counted] = [place.content.decode() for place in evidence.places if (place.kind, place.name) == GATEWAY_METRICS]
    for route, calls in json.loads(document.partition(b"\n")[2])["paths"].items():
        for method in calls:
            assert f'requests_total{{method="{method.upper()}",route="{route}",status="2' in counted, (method, route)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_secret_is_anywhere(found: list[Hit], kind: str) -> None:
    assert [hit for hit in found if hit.place.kind == kind] == []


@pytest.mark.parametrize("spelled", ["raw", "base64", "hex"])
def test_a_planted_plaintext_is_found_wherever_it_is(planted: list[Hit], spelled: str) -> None:
    places = {hit.place.kind for hit in planted if hit.kind == "planted" and hit.spelled == spelled}
    assert places == KINDS - ({"codec answers"} if spelled == "hex" else set())  # it shows no word that long


def test_a_planted_plaintext_is_found_in_what_a_gateway_writes(planted: list[Hit]) -> None:
    places = {hit.place.kind for hit in planted if hit.place.name == "careless gateway"}
    assert places == {"gateway answers", "log", "metrics"}


@pytest.mark.parametrize("kind", ["phone number", "binding code"])
def test_a_planted_number_and_a_planted_code_are_found_where_values_are(planted: list[Hit], kind: str) -> None:
    assert {hit.place.kind for hit in planted if hit.kind == kind} >= KEPT_BY_TEMPORAL


def test_what_somebody_sent_unsealed_is_not_written_down_by_us(evidence: Evidence) -> None:
    secrets = Secrets()
    secrets.whole("unsealed", UNSEALED)
    search = Search(secrets)
    places = {place.kind for place in evidence.places for _ in search.hits(place)}
    assert "history" in places
    assert not places & {"log", "log of the starter", "output", "metrics", "arguments"}


def test_nothing_that_temporal_tells_names_our_host_or_our_user(evidence: Evidence) -> None:
    names = "|".join(re.escape(name) for name in (socket.gethostname(), getpass.getuser()))
    named = re.compile(rf"(?<![\w.+/=-])(?:{names})(?![\w.+/=-])".encode())  # not inside of base64
    assert named.search(f'"identity": "4711@{socket.gethostname()}"'.encode())

    told = [place for place in evidence.places if place.kind in TOLD and place.name.endswith("as JSON")]
    assert {place.kind for place in told} == TOLD
    assert [place for place in told if named.search(place.content)] == []


def test_temporal_lists_workers_and_none_of_ours_since_it_would_name_our_host(evidence: Evidence) -> None:
    assert evidence.plant
    assert evidence.workers == {evidence.plant.task_queue}
