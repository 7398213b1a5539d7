"""`login` and `authenticators` speak to Auth0 alone; secrets come from the environment, a pipe or a prompt."""

import asyncio
import os
import pty
import subprocess
import sys

import httpx
import pytest

from tests.command_line import ROOT, CommandLine, environment

LOGIN = ("login", "--user", "ada@example.com")


def test_a_login_writes_the_token_alone_to_a_program(run: CommandLine) -> None:
    logged_in = run(*LOGIN, typed="correct horse\n")

    assert (logged_in.code, logged_in.err) == (0, "")
    assert logged_in.out.startswith("Fe26.2*")
    assert logged_in.out.count("\n") == 1


def test_the_password_may_be_in_the_environment(run: CommandLine) -> None:
    logged_in = run(*LOGIN, "--json", PHONE_MFA_PASSWORD="correct horse")

    assert (logged_in.code, logged_in.json["kind"]) == (0, "mfa_token")


def test_a_user_without_a_phone_gets_a_token_that_manages_authenticators(run: CommandLine) -> None:
    logged_in = run(*LOGIN, "--mfa-audience", "--json", typed="correct horse")

    assert (logged_in.code, logged_in.json["kind"]) == (0, "access_token")


async def test_a_tenant_that_asks_for_no_mfa_is_an_outcome_not_reached(
    run: CommandLine, tenant: httpx.AsyncClient
) -> None:
    await tenant.patch("/_control/tenant", json={"mfa_required": False})

    logged_in = run(*LOGIN, typed="correct horse")

    assert (logged_in.code, logged_in.out) == (1, "")
    assert logged_in.err.startswith("Error: The tenant logs this user in without MFA")


@pytest.mark.parametrize(
    ("password", "settings", "sentence"),
    [
        ("wrong", {}, "Auth0 does not accept the user or the password."),
        (
            "correct horse",
            {"AUTH0_CLIENT_SECRET": "wrong"},
            "Auth0 does not accept our application: check AUTH0_CLIENT",
        ),
        ("correct horse", {"AUTH0_DOMAIN": "http://127.0.0.1:1"}, "Auth0 cannot be reached: check AUTH0_DOMAIN"),
    ],
)
def test_a_wrong_password_bad_credentials_and_an_absent_auth0_are_told_apart(
    run: CommandLine, password: str, settings: dict[str, str], sentence: str
) -> None:
    refused = run(*LOGIN, typed=password, **settings)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"Error: {sentence}")


def test_a_token_that_is_none_lists_no_authenticators(run: CommandLine) -> None:
    refused = run("authenticators", typed="not-a-token")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Error: The mfa_token is malformed, expired or another client's.")


def test_the_authenticators_of_a_user_without_any_are_an_empty_list(run: CommandLine) -> None:
    token = run(*LOGIN, typed="correct horse").out

    assert run("authenticators", "--json", typed=token).json == {"authenticators": []}


async def test_a_person_at_a_terminal_is_asked_unseen_and_shown_no_token(run: CommandLine) -> None:
    ours, theirs = pty.openpty()
    # In a session of its own there is no terminal but this one.
    process = subprocess.Popen(  # noqa: ASYNC220 - a terminal's other end is no stream asyncio would make
        [sys.executable, "-m", "starter", *LOGIN],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment(run.settings),
        start_new_session=True,
    )
    os.close(theirs)
    asked = await asyncio.to_thread(_read_until, ours, "Password: ")
    os.write(ours, b"correct horse\n")
    shown = await asyncio.to_thread(_read_until, ours, "challenge --login")
    os.close(ours)

    assert await asyncio.to_thread(process.wait, 10) in {0, 1}
    assert "correct horse" not in asked + shown
    assert "Fe26" not in shown


def _read_until(terminal: int, words: str) -> str:
    shown = ""
    while words not in shown:
        shown += os.read(terminal, 4096).decode()
    return shown
