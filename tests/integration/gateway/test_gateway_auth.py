"""Who is let in, and to what."""

import itertools
import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from gateway.flow_tokens import AUDIENCE
from phone_mfa.api_keys import add_key, revoke_key
from phone_mfa.encryption.keyring_file import change_ring
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.rotation import new_ring, rotated, without
from phone_mfa.signed_tokens import ISSUER, signing_key
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import Door, bearer, events_in, opened, problem_in
from tests.keys import RING
from tests.unit.encryption.rings import write

UNKNOWN = "enroll-" + 32 * "a"


async def test_a_browser_is_let_at_its_own_flow(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    answer = await door.anybody.get(f"/v1/flows/{flow}", headers=browser)

    assert (answer.status_code, answer.json()["phase"]) == (200, "waiting_for_code")


async def test_another_flows_token_and_an_unknown_flow_are_answered_alike(stage: Stage, door: Door) -> None:
    _, browser = await door.enrolling()
    others, _ = await door.enrolling()

    answers = [await door.anybody.get(f"/v1/flows/{flow}", headers=browser) for flow in (others, UNKNOWN, "nonsense")]
    answers.append(await door.service.get(f"/v1/flows/{UNKNOWN}"))

    assert {problem_in(answer) for answer in answers} == {"unknown-flow"}
    assert len({answer.text for answer in answers[:3]}) == 1


async def test_a_token_is_for_one_run_and_not_for_the_users_next_flow(stage: Stage, door: Door) -> None:
    started = (await door.enroll(user="somebody-once")).json()
    await stage.message(started["flow_id"], 1)
    await door.service.delete(f"/v1/flows/{started['flow_id']}")
    await stage.flows.result(started["flow_id"])
    again = (await door.enroll(user="somebody-once")).json()
    await stage.message(again["flow_id"], 1)

    answer = await door.anybody.post(f"/v1/flows/{again['flow_id']}/resend", headers=bearer(started["flow_token"]))

    assert again["flow_id"] == started["flow_id"]
    assert problem_in(answer) == "flow-over"


Claims = dict[str, Any]


def good(door: Door) -> Claims:
    """What is in a token that the service of the door was given."""
    found = door.served.keys.find(door.key)
    assert found
    now = datetime.now(UTC)
    ours = {"iss": ISSUER, "aud": AUDIENCE, "sub": UNKNOWN, "run": str(uuid.uuid4()), "key": found.key_id}
    return ours | {"iat": now, "exp": now + timedelta(minutes=5)}


def signed(claims: Claims, key: bytes | None = None, algorithm: str = "HS256") -> str:
    ours = signing_key(RING.keys[RING.current].key).raw_value
    return jwt.encode(claims, key or ours, algorithm, headers={"kid": RING.current})


def lacking(claims: Claims, name: str) -> Claims:
    return {other: value for other, value in claims.items() if other != name}


def tampered(claims: Claims) -> str:
    head, _, signature = signed(claims).split(".")
    changed = lacking(claims, "iat") | {"sub": "enroll-" + 32 * "b", "exp": int(claims["exp"].timestamp()), "iat": 0}
    return ".".join([head, urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("="), signature])


AN_HOUR = timedelta(hours=1)
AN_HOUR_AGO = datetime.now(UTC) - AN_HOUR

BAD_TOKENS: dict[str, Callable[[Claims], str]] = {
    "expired": lambda claims: signed(claims | {"exp": AN_HOUR_AGO}),
    "tampered": tampered,
    "wrong audience": lambda claims: signed(claims | {"aud": "phone-mfa:codec"}),
    "wrong issuer": lambda claims: signed(claims | {"iss": "somebody"}),
    "no algorithm": lambda claims: jwt.encode(claims, "", "none"),
    "another algorithm": lambda claims: signed(claims, algorithm="HS512"),
    "another key": lambda claims: signed(claims, key=b"k" * 32),
    "for more than a day": lambda claims: signed(claims | {"exp": claims["iat"] + timedelta(days=1, seconds=2)}),
    "of an hour from now": lambda claims: signed(claims | {each: claims[each] + AN_HOUR for each in ("iat", "exp")}),
    "without an end": lambda claims: signed(lacking(claims, "exp")),
    "without a run": lambda claims: signed(lacking(claims, "run")),
    "of no API key that is": lambda claims: signed(claims | {"key": "0123456789abcdef"}),
    "very long": lambda claims: signed(claims | {"more": "a" * 5000}),
    "nothing": lambda _: ".",
    "an API key of nobody": lambda _: "pmk_" + "a" * 43,
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # ours is as long as HS256 wants
@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_token_that_is_not_good_is_answered_alike_whatever_is_wrong(door: Door, name: str) -> None:
    bad = bearer(BAD_TOKENS[name](good(door)))
    for method, path in (("GET", f"/v1/flows/{UNKNOWN}"), ("POST", "/v1/enrollments"), ("GET", "/v1/flows")):
        answer = await door.anybody.request(method, path, headers=bad)

        assert (answer.status_code, problem_in(answer)) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["detail"] == "An API key or a flow token is required."


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=20)])
async def test_a_token_like_those_is_good_also_from_a_gateway_whose_clock_is_ahead(
    door: Door, ahead: timedelta
) -> None:
    claims = good(door)
    token = signed(claims | {"iat": claims["iat"] + ahead})

    answer = await door.anybody.get(f"/v1/flows/{UNKNOWN}", headers=bearer(token))

    assert (answer.status_code, problem_in(answer)) == (404, "unknown-flow")


async def test_a_token_in_the_address_or_of_another_scheme_is_none(door: Door) -> None:
    for path, headers in (
        (f"/v1/flows?token={door.key}", {}),
        ("/v1/flows", {"Authorization": f"Basic {door.key}"}),
        ("/v1/flows", {"Authorization": door.key}),
    ):
        assert problem_in(await door.anybody.get(path, headers=headers)) == "unauthorized"


async def test_a_revoked_key_ends_at_once_with_all_the_tokens_it_gave_out(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    assert (await door.anybody.get(f"/v1/flows/{flow}", headers=browser)).status_code == 200

    revoke_key(door.key_file, "onboarding")

    async def refused() -> bool:
        return (await door.service.get("/v1/flows")).status_code == 401

    await stage.eventually(refused)  # the file is looked at once a second
    assert problem_in(await door.anybody.get(f"/v1/flows/{flow}", headers=browser)) == "unauthorized"


async def test_a_new_key_of_the_same_name_does_not_revive_the_tokens_of_the_old_one(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    revoke_key(door.key_file, "onboarding")
    new = add_key(door.key_file, "onboarding")

    async def known() -> bool:
        return (await door.anybody.get("/v1/flows", headers=bearer(new))).status_code == 200

    await stage.eventually(known)
    assert problem_in(await door.anybody.get(f"/v1/flows/{flow}", headers=browser)) == "unauthorized"


async def test_an_open_stream_ends_with_the_key_that_allowed_it(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=browser) as answer:
        events = events_in(answer)
        first = await anext(events)
        revoke_key(door.key_file, "onboarding")
        rest = [event async for event in events]

    assert (first["event"], rest) == ("view", [])


@pytest.fixture
def signing(tmp_path: Path) -> WatchedRing:
    """A key file that a gateway signs flow tokens with, looked at whenever it is used."""
    write(tmp_path / "keys.json", new_ring().text())
    return WatchedRing(tmp_path / "keys.json", clock=itertools.count().__next__)


async def test_a_token_outlives_a_rotation_and_ends_with_the_key_that_signed_it(
    stage: Stage, tmp_path: Path, signing: WatchedRing
) -> None:
    async with opened(stage, tmp_path, signing=signing) as door:
        flow, browser = await door.enrolling()
        first = signing.ring().current
        change_ring(tmp_path / "keys.json", rotated)
        kept = await door.anybody.get(f"/v1/flows/{flow}", headers=browser)
        renewed = bearer((await door.service.post(f"/v1/flows/{flow}/token")).json()["flow_token"])
        change_ring(tmp_path / "keys.json", lambda ring: without(ring, [first]))
        ended, other = [await door.anybody.get(f"/v1/flows/{flow}", headers=each) for each in (browser, renewed)]

    assert (kept.status_code, problem_in(ended), other.status_code) == (200, "unauthorized", 200)


async def test_an_open_stream_ends_with_the_key_that_signed_its_token(
    stage: Stage, tmp_path: Path, signing: WatchedRing
) -> None:
    async with opened(stage, tmp_path, signing=signing) as door:
        flow, browser = await door.enrolling()
        async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=browser) as answer:
            events = events_in(answer)
            first = await anext(events)
            change_ring(tmp_path / "keys.json", lambda ring: rotated(ring, revoke_tokens=True))
            rest = [event async for event in events]

    assert (first["event"], rest) == ("view", [])


async def test_looking_has_a_limit_too(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, flow="1/minute") as door:
        flow, browser = await door.enrolling()
        answers = [await door.anybody.get(f"/v1/flows/{flow}", headers=browser) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


async def test_a_browser_does_not_use_up_what_the_service_may(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, flow="1/minute") as door:
        flow, browser = await door.enrolling()
        codes = [
            await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": "12345"})
            for _ in range(2)
        ]
        cancelled = await door.service.delete(f"/v1/flows/{flow}")

    assert [answer.status_code for answer in codes] == [422, 429]
    assert cancelled.status_code == 202


SERVICE_ONLY = [
    ("POST", "/v1/enrollments"),
    ("POST", "/v1/challenges"),
    ("GET", "/v1/flows"),
    ("POST", "/v1/flows/FLOW/token"),
    ("POST", "/v1/flows/FLOW/mfa-token"),
    ("GET", "/v1/flows/FLOW/result"),
]


@pytest.mark.parametrize(("method", "path"), SERVICE_ONLY)
async def test_what_is_for_services_is_not_for_browsers(stage: Stage, door: Door, method: str, path: str) -> None:
    flow, browser = await door.enrolling()
    body = {"user": "u", "phone_number": "+15555550123", "mfa_token": "t"}

    answer = await door.anybody.request(method, path.replace("FLOW", flow), headers=browser, json=body)

    assert (answer.status_code, problem_in(answer)) == (403, "not-allowed")


async def test_every_call_of_the_interface_wants_to_know_who_asks(door: Door) -> None:
    document = (await door.anybody.get("/openapi.json")).json()
    open_to_all = {"/healthz", "/readyz", "/metrics", "/v1/logins"}

    for path, operations in document["paths"].items():
        for method in operations:
            answer = await door.anybody.request(method, path.replace("{flow_id}", UNKNOWN))
            assert (answer.status_code == 401) == (path not in open_to_all), (method, path)


async def test_a_service_renews_the_token_of_a_flow(stage: Stage, door: Door) -> None:
    flow, _ = await door.enrolling()

    renewed = (await door.service.post(f"/v1/flows/{flow}/token")).json()

    answer = await door.anybody.get(f"/v1/flows/{flow}", headers=bearer(renewed["flow_token"]))
    assert answer.status_code == 200
    ends_in = datetime.fromisoformat(renewed["flow_token_expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < ends_in <= timedelta(minutes=30)


async def test_keys_may_not_ask_without_end(vacant_stage: Stage, tmp_path: Path) -> None:
    async with opened(vacant_stage, tmp_path, key="3/minute") as door:
        answers = [await door.service.get(f"/v1/flows/{UNKNOWN}/result") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert problem_in(answers[-1]) == "too-many-requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61


async def test_a_flow_may_not_be_spoken_to_without_end(stage: Stage, tmp_path: Path) -> None:
    async with opened(stage, tmp_path, flow="2/minute") as door:
        flow, browser = await door.enrolling()
        other, _ = await door.enrolling()
        codes = [
            await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": "12345"})
            for _ in range(3)
        ]
        others = await door.service.post(f"/v1/flows/{other}/binding-code", json={"code": "12345"})

    assert [answer.status_code for answer in codes] == [422, 422, 429]
    assert others.status_code == 422
