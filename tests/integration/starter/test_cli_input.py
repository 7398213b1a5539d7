"""Bad input is refused with one sentence that names the field and repeats nothing."""

import json

import pytest

import starter.__main__
from tests.command_line import CommandLine
from tests.keys import RING

NOWHERE = {"TEMPORAL_ADDRESS": "127.0.0.1:1", "AUTH0_DOMAIN": "tenant.example.com", "PHONE_MFA_KEYS": RING.text()}
FLOW = "enroll-0123456789"
SECRET = "s3cretvalue"

run = CommandLine(NOWHERE)

COMMANDS = (
    "login",
    "enroll",
    "challenge",
    "submit-code",
    "resend",
    "switch-channel",
    "change-number",
    "renew-token",
    "cancel",
    "forget",
    "status",
    "watch",
    "result",
    "flows",
    "authenticators",
    "tenant check",
    "tenant enable",
    "keys new",
    "keys rotate",
    "keys drop",
    "keys show",
    "keys recipient",
    "open",
    "demo",
)


def test_no_command_at_all_lists_every_command() -> None:
    listed = run()

    assert listed.code == 0
    assert all(command.split()[0] in listed.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_itself_and_writes_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert starter.__main__.run([*command.split(), "--help"]) == 0

    usage, _, options = capsys.readouterr().out.partition("Options ─")
    assert usage.count(f"phone-mfa {command}") >= 2
    assert "--json" in options


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (["submit-code", FLOW, SECRET], "", "There is an extra argument; secrets are never passed as arguments."),
        ([SECRET], "", "No such command."),
        (["enrol"], "", "No such command. Did you mean 'enroll'?"),
        (["keys", "rotat"], "", "No such command. Did you mean 'rotate'?"),
        ([f"--{SECRET}"], "", "No such option."),
        (["enroll"], "", "Missing option '--user'."),
        (["enroll", "--user", "ada", "--channel", SECRET], "", "--channel must be sms or voice."),
        (["enroll", "--user", "ada", "--flow-hours", SECRET], "", "--flow-hours must be a valid number."),
        (["flows", "--limit", "0"], "", "--limit must be greater than or equal to 1."),
        (["status", SECRET], "", "FLOW must be a flow id as listed by `phone-mfa flows`: enroll-... or challenge-..."),
        (["status", "enroll-" + "x" * 201], "", "FLOW must be a flow id"),
        (["enroll", "--user", "ada", "--phone", SECRET], "", "phone must have no letters or words."),
        (["enroll", "--user", "ada", "--phone", "0151 23456789"], "", "phone must start with + and a country code, or"),
        (["enroll", "--user", "ada", "--phone", "-"], f"call me at {SECRET}", "phone must have no letters or words."),
        (["change-number", FLOW], "+15555550123 / +15555550124", "phone must be one number, not several."),
        (["change-number", FLOW, "--region", SECRET], "0151 23456789", "region must be a two-letter country code"),
        (["enroll", "--user", "", "--phone", "+15555550100"], "", "--user must not be empty."),
        (["enroll", "--user", "-"], "", "user is missing: set PHONE_MFA_USER, or pipe it in."),
        (["login", "--user", "-"], SECRET * 2000, "user is too long."),
        (["submit-code", FLOW], SECRET, "code must be 6 digits."),
        (["submit-code", FLOW], SECRET * 10, "code: must have at most 64 characters."),
        (["submit-code", FLOW, "--recovery"], SECRET * 10, "recovery_code: must have at most 64 characters."),
        (["submit-code", FLOW], "", "code is missing: set PHONE_MFA_CODE, or pipe it in."),
        (["submit-code", FLOW, "--recovery"], SECRET, "recovery_code must be 24 letters and digits."),
        (
            ["submit-code", FLOW, "--recovery", "--no-wait"],
            "",
            "--recovery cannot be combined with --no-wait or --message.",
        ),
        (["renew-token", FLOW], f"{SECRET} {SECRET}", "mfa_token: must be visible ASCII without spaces."),
        (["renew-token", FLOW, "--login"], "", "--login needs --user, and --user needs --login."),
        (["cancel", FLOW, "--reason", SECRET * 20], "", "reason: String should have at most 200 characters."),
    ],
)
def test_bad_input_gets_one_sentence_without_the_value(arguments: list[str], typed: str, sentence: str) -> None:
    refused = run(*arguments, typed=typed)

    assert refused.code == 2
    assert refused.out == ""
    assert refused.err.startswith(f"Error: {sentence}")
    assert refused.err.count("\n") == 1
    assert SECRET not in refused.err


def test_situation_17_a_line_break_in_the_environment_is_refused_by_name() -> None:
    refused = run("renew-token", FLOW, PHONE_MFA_TOKEN=f"{SECRET}\n")

    assert (refused.code, refused.err) == (2, "Error: PHONE_MFA_TOKEN must not contain a line break.\n")


def test_situation_17_a_byte_order_mark_before_what_is_piped_in_is_dropped() -> None:
    taken = run("submit-code", FLOW, typed="\ufeff123456\r\n")

    assert (taken.code, "Temporal cannot be reached" in taken.err) == (3, True)


@pytest.mark.parametrize("hours", ["nan", "inf", "-1", "0", "169"])
def test_a_flow_lasts_from_a_minute_to_a_week(hours: str) -> None:
    refused = run("challenge", "--user", "ada", "--flow-hours", hours)

    assert (refused.code, refused.err) == (2, "Error: --flow-hours must be between 0.02 (one minute) and 168.\n")


def test_a_token_of_a_new_flow_is_refused_before_anything_is_asked_of_temporal() -> None:
    refused = run("challenge", "--user", "ada", typed=f"{SECRET} {SECRET}\n")

    assert (refused.code, refused.err) == (2, "Error: mfa_token: must be visible ASCII without spaces.\n")


def test_a_login_and_no_token_exclude_each_other() -> None:
    refused = run("challenge", "--user", "ada", "--login", "--no-token")

    assert (refused.code, refused.err) == (2, "Error: --login and --no-token cannot be combined.\n")


def test_errors_are_json_when_the_output_is() -> None:
    refused = run("status", SECRET, "--json")

    told = json.loads(refused.err)["error"]
    assert (refused.code, refused.out, told["type"]) == (2, "", "BadInputError")
    assert told["message"].startswith("FLOW must be a flow id")


@pytest.mark.parametrize("command", ["login --user ada", "authenticators", "tenant check", "tenant enable"])
def test_missing_settings_are_named(command: str) -> None:
    refused = CommandLine()(*command.split(), typed=SECRET)

    assert (refused.code, refused.err) == (2, "Error: AUTH0_DOMAIN is not set. AUTH0_CLIENT_ID is not set.\n")


def test_starting_a_flow_needs_no_credentials_of_auth0_but_its_domain() -> None:
    refused = CommandLine()("challenge", "--user", "ada", typed=SECRET)

    assert (refused.code, refused.err) == (2, "Error: AUTH0_DOMAIN is not set.\n")


def test_commands_that_need_the_keys_say_how_to_make_them() -> None:
    refused = CommandLine({"TEMPORAL_ADDRESS": "127.0.0.1:1"})("status", FLOW)

    assert refused.code == 2
    assert refused.err.startswith("Error: PHONE_MFA_KEYS is not set: create a key file with `phone-mfa keys new FILE`")


def test_a_domain_that_is_none_is_refused_without_repeating_it() -> None:
    refused = run("challenge", "--user", "ada", typed=SECRET, AUTH0_DOMAIN=f"https://{SECRET}@tenant.example.com/x")

    assert refused.code == 2
    assert refused.err.startswith("Error: AUTH0_DOMAIN must be a bare domain such as tenant.eu.auth0.com")
    assert SECRET not in refused.err


def test_a_temporal_address_that_is_none_is_a_wrong_setting() -> None:
    refused = run("flows", TEMPORAL_ADDRESS=f"{SECRET} {SECRET}")

    assert (refused.code, refused.err) == (2, "Error: TEMPORAL_ADDRESS must be host:port.\n")


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        ("enroll --user ada --phone +15555550100", SECRET),
        ("challenge --user ada --no-token", ""),
        (f"submit-code {FLOW}", "123456"),
        (f"submit-code {FLOW}", "\ufeff123456"),
        (f"submit-code {FLOW} --recovery", "ABCD\u2013EFGH\u2013JKLM\u2013NPQR\u2013STUV\u2013WXYZ"),
        (f"resend {FLOW}", ""),
        (f"switch-channel {FLOW} --channel voice", ""),
        (f"change-number {FLOW} --phone -", "+15555550100"),
        (f"change-number {FLOW} --phone - --region DE", "0049 172 1234567"),
        (f"renew-token {FLOW}", SECRET),
        (f"renew-token {FLOW}", f"\ufeff{SECRET}"),
        (f"cancel {FLOW}", ""),
        (f"forget {FLOW}", ""),
        (f"status {FLOW}", ""),
        (f"watch {FLOW}", ""),
        (f"result {FLOW}", ""),
        ("flows", ""),
    ],
)
def test_temporal_down_has_an_exit_code_of_its_own(command: str, typed: str) -> None:
    failed = run(*command.split(), typed=typed)

    assert (failed.code, failed.out) == (3, "")
    assert failed.err == "Error: Temporal cannot be reached at 127.0.0.1:1: Connection refused\n"
