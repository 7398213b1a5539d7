"""Seeding users, applications and settings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.tests.visitor import CREDENTIALS, OOB, PASSWORD, Visitor, refusal

SEED: dict[str, object] = {
    "tenant": {"friendly_name": "Acme"},
    "clients": [{"client_id": "acme", "client_secret": "secret"}],
    "users": [
        {
            "email": "ada@example.com",
            "password": PASSWORD,
            "authenticators": [{"type": "phone", "phone_number": "+15555550123", "preferred": "voice"}],
        }
    ],
}


async def login(visitor: Visitor) -> str:
    answer = await visitor.grant("password", username="ada@example.com", password=PASSWORD)
    return str(answer.json()["mfa_token"])


async def test_a_seed_plants_users_applications_and_switches(visitor: Visitor) -> None:
    assert await visitor.control("POST", "seed", SEED) == {"users": 1, "clients": 1}
    assert (await visitor.control("GET", "tenant"))["friendly_name"] == "Acme"
    token = await login(visitor)
    assert (await visitor.challenge(token)).status_code == 200
    (call,) = await visitor.messages("+15555550123")
    assert (call["channel"], "Acme" in call["text"]) == ("voice", True)
    form = CREDENTIALS | {"client_id": "acme", "client_secret": "secret", "grant_type": "refresh_token"}
    assert refusal(await visitor.http.post("/oauth/token", data=form | {"refresh_token": "x"}))[1] == "invalid_grant"


async def test_a_seed_planted_again_changes_nothing(visitor: Visitor) -> None:
    await visitor.control("POST", "seed", SEED)
    await visitor.control("POST", "seed", SEED)
    prefixes = [entry["id"].partition("|")[0] for entry in await visitor.authenticators(await login(visitor))]
    assert prefixes == ["sms", "voice"]


async def test_a_seed_without_the_mfa_grant_takes_it_from_its_own_applications_too(visitor: Visitor) -> None:
    clients: list[dict[str, object]] = [{"client_id": "plain", "client_secret": "s"}]
    clients += [{"client_id": "chosen", "client_secret": "s", "grant_types": ["password", OOB]}]
    await visitor.control("POST", "seed", {"tenant": {"mfa_grant": False}, "clients": clients})
    grant = {"grant_type": OOB, "client_secret": "s"}
    refused = await visitor.http.post("/oauth/token", data=grant | {"client_id": "plain"})
    assert refusal(refused)[1] == "unauthorized_client"
    asked = await visitor.http.post("/oauth/token", data=grant | {"client_id": "chosen"})
    assert refusal(asked)[1] == "invalid_request"  # the grant is allowed, but its parameters are missing


async def test_an_application_planted_again_with_a_null_secret_is_public(visitor: Visitor) -> None:
    await visitor.control("POST", "clients", {"client_id": "spa", "client_secret": "s"})
    await visitor.control("POST", "clients", {"client_id": "spa", "client_secret": None})
    login = {"grant_type": "password", "client_id": "spa", "username": "a@b", "password": "wrong"}
    assert refusal(await visitor.http.post("/oauth/token", data=login))[2] == "Wrong email or password."


@pytest.mark.parametrize(
    ("seed", "field"),
    [
        ({"people": []}, "people"),
        ({"users": [{"email": "ada", "password": "pw"}]}, "users.0.email"),
        (
            {"users": [{"email": "a@b", "password": "pw", "authenticators": [{"type": "fax"}]}]},
            "users.0.authenticators.0",
        ),
        ({"clients": [{"client_id": ""}]}, "clients.0.client_id"),
        ({"tenant": {"channels": "sms"}, "users": [{"email": "a@b", "password": "pw"}]}, "channels"),
    ],
)
async def test_a_bad_seed_names_the_field_and_plants_nothing(visitor: Visitor, seed: object, field: str) -> None:
    answer = await visitor.http.post("/_control/seed", json=seed)
    assert (answer.status_code, answer.json()["error"].partition(":")[0]) == (400, field)
    assert (await visitor.grant("password", username="a@b", password="pw")).status_code == 403


def test_the_process_starts_with_what_the_seed_file_holds(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("emulator listening on http://127.0.0.1:")
        process.terminate()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"\xff", "is not UTF-8 encoded JSON."),
        (b"[]", "is invalid: The request body: Input should be a valid dictionary or instance of Seed."),
        (
            b'{"users":[{"email":"a@b","password":7}]}',
            "is invalid: users.0.password: Input should be a valid string.",
        ),
    ],
)
def test_a_seed_file_that_cannot_be_planted_is_one_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    seed = tmp_path / "seed.json"
    if content is not None:
        seed.write_bytes(content)
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--seed", str(seed)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (1, f"The seed {seed} {sentence}\n")
