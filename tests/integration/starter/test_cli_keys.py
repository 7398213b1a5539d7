"""`keys` makes and changes key files, and shows no key; `open` opens for the recipient alone."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from phone_mfa.encryption import public_of, seal
from phone_mfa.encryption.keyring_file import read_ring
from tests.command_line import CommandLine, Ran

run = CommandLine({"TEMPORAL_ADDRESS": "127.0.0.1:1"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    assert run("keys", "new", str(path)).code == 0
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secrets_in(path: Path) -> list[str]:
    document = json.loads(path.read_text())
    return [document["naming_key"], *(key["key"] for key in document["keys"])]


def assert_refused(ran: Ran, sentence: str) -> None:
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {sentence}")
    assert ran.err.count("\n") == 1


def test_a_new_key_file_is_for_its_owner_only(file: Path) -> None:
    assert mode(file) == 0o600
    assert len(read_ring(file).keys) == 1
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_key_file_is_never_overwritten(file: Path) -> None:
    before = file.read_text()

    assert_refused(run("keys", "new", str(file)), "The file exists, and keys are never overwritten: name another file.")
    assert file.read_text() == before


def test_rotating_makes_a_new_key_current_and_keeps_the_others(file: Path) -> None:
    first = read_ring(file)
    file.chmod(0o640)

    rotated = run("keys", "rotate", str(file), "--json")

    second = read_ring(file)
    assert (rotated.code, rotated.json["current"]) == (0, second.current)
    assert second.keys.items() > first.keys.items()
    assert second.naming_key == first.naming_key
    assert second.current not in first.keys
    assert mode(file) == 0o640
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_rotating_through_a_link_changes_the_file_behind_it(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)

    assert run("keys", "rotate", str(link)).code == 0
    assert link.is_symlink()
    assert len(read_ring(file).keys) == 2


def test_an_old_key_can_be_dropped_and_the_current_one_cannot(file: Path) -> None:
    first = read_ring(file).current
    assert_refused(run("keys", "drop", first, str(file)), "The current key cannot be dropped")

    assert_refused(run("keys", "rotate", "--drop", first, str(file)), "The current key cannot be dropped")

    second = run("keys", "rotate", str(file), "--json").json["current"]
    assert run("keys", "drop", first, str(file), "--force").code == 0
    assert set(read_ring(file).keys) == {second}

    third = run("keys", "rotate", str(file), "--json").json["current"]
    fourth = run("keys", "rotate", str(file), "--drop", second, "--force", "--json").json["current"]
    assert set(read_ring(file).keys) == {third, fourth}
    assert_refused(run("keys", "drop", "nobody", str(file)), "The key ring has no key with that id")


def test_without_temporal_nothing_is_dropped_or_renamed_unless_forced(file: Path) -> None:
    first = read_ring(file).current
    run("keys", "rotate", str(file))
    before = file.read_text()

    for command in (["drop", first], ["rotate", "--drop", first], ["rename"]):
        refused = run("keys", *command, str(file))
        assert (refused.code, refused.out, file.read_text()) == (3, "", before)
        assert "it is unknown which running flows that would affect" in refused.err
        assert "Temporal cannot be reached at 127.0.0.1:1" in refused.err

    assert run("keys", "rename", str(file), "--force").code == 0
    assert run("keys", "drop", first, str(file), "--force").code == 0


def test_renaming_replaces_the_naming_key_alone(file: Path) -> None:
    run("keys", "rotate", str(file))
    before = read_ring(file)

    told = run("keys", "rename", str(file), "--force")

    after = read_ring(file)
    assert told.out == f"The naming key was replaced; the current key is still {before.current}.\n"
    assert after.naming_key != before.naming_key
    assert replace(after, naming_key=before.naming_key) == before
    assert mode(file) == 0o600


def test_rotating_may_revoke_the_flow_tokens_of_the_other_keys(file: Path) -> None:
    run("keys", "rotate", str(file))
    run("keys", "rotate", "--revoke-tokens", str(file))
    run("keys", "rotate", str(file))

    shown = run("keys", "show", str(file), "--json").json["keys"]

    assert [key["flow_tokens"] for key in shown] == [False, False, True, True]


def test_no_command_shows_a_key(file: Path) -> None:
    told = [run("keys", "rotate", str(file)), run("keys", "rotate", str(file), "--json")]
    told += [run("keys", "show", str(file)), run("keys", "show", str(file), "--json"), run("keys", "new", str(file))]
    told += [run("keys", "rename", str(file)), run("keys", "rename", "--force", "--json", str(file))]
    file.write_text(file.read_text().replace('"version": 2', '"version": 1'))
    told.append(run("keys", "show", str(file)))

    assert len(secrets_in(file)) == 4
    assert not any(secret in ran.out + ran.err for secret in secrets_in(file) for ran in told)


def test_show_lists_ids_and_dates_and_the_current_key(file: Path) -> None:
    run("keys", "rotate", str(file))
    ring = read_ring(file)

    shown, listed = run("keys", "show", str(file), "--json").json, run("keys", "show", str(file)).out

    assert shown["current"] == ring.current
    assert [key["id"] for key in shown["keys"]] == list(ring.keys)
    assert [line.split() for line in listed.splitlines()] == [
        ["id", "created", "current", "flow", "tokens"],
        *([key.id, key.created_text, "yes" if key.id == ring.current else "no", "yes"] for key in ring.keys.values()),
    ]


def test_the_file_may_be_the_one_of_the_setting(tmp_path: Path) -> None:
    setting = {"PHONE_MFA_KEYS": str(tmp_path / "keys.json")}

    assert [run("keys", command, **setting).code for command in ("new", "rotate", "show")] == [0, 0, 0]
    assert len(read_ring(tmp_path / "keys.json").keys) == 2


def test_without_a_file_the_setting_is_missed_in_a_sentence() -> None:
    for command in ("new", "rotate", "show"):
        assert_refused(
            run("keys", command), "PHONE_MFA_KEYS is not set: create a key file with `phone-mfa keys new FILE`"
        )


def test_a_ring_in_the_setting_itself_is_no_file(file: Path) -> None:
    refused = run("keys", "rotate", PHONE_MFA_KEYS=file.read_text())

    assert_refused(refused, "FILE is missing: PHONE_MFA_KEYS contains the key ring itself")


@pytest.mark.parametrize("content", ["", "{}", "\0", "[1]"])
def test_a_broken_file_is_left_as_it_is(file: Path, content: str) -> None:
    file.write_text(content)

    assert_refused(run("keys", "rotate", str(file)), "The key ring ")
    assert file.read_text() == content


@pytest.mark.parametrize("command", [["new"], ["rotate"], ["show"], ["drop", "k1"], ["rename"], ["recipient"]])
def test_a_file_that_cannot_be_is_refused_without_its_path(command: list[str], tmp_path: Path) -> None:
    refused = run("keys", *command, str(tmp_path / "nowhere" / "keys.json"))

    assert_refused(refused, "The file cannot be ")
    assert "nowhere" not in refused.err


def test_a_pair_is_made_and_what_is_sealed_to_it_is_opened(tmp_path: Path) -> None:
    private, public = tmp_path / "me.jwk", tmp_path / "me.pub.jwk"

    assert run("keys", "recipient", str(private), "--public", str(public)).code == 0
    jwk = json.loads(public.read_text())
    sealed = seal(jwk, b'{"recovery_code": "ABC", "tokens": null}')
    (tmp_path / "sealed").write_text(f"{sealed}\n")

    from_file = run("open", "--key", str(private), str(tmp_path / "sealed"))
    from_input = run("open", "--key", str(private), "--json", typed=sealed)

    assert (mode(private), mode(public), "d" in jwk) == (0o600, 0o644, False)
    assert from_file.json == from_input.json == {"recovery_code": "ABC", "tokens": None}
    assert from_input.out.count("\n") == 1


def test_the_public_key_goes_to_standard_output(tmp_path: Path) -> None:
    made = run("keys", "recipient", str(tmp_path / "me.jwk"))

    assert made.json == public_of(json.loads((tmp_path / "me.jwk").read_text()))
    assert "d" not in made.json


def test_a_pair_is_never_overwritten(tmp_path: Path) -> None:
    private = tmp_path / "me.jwk"
    run("keys", "recipient", str(private))
    before = private.read_text()

    assert_refused(run("keys", "recipient", str(private)), "The file exists")
    assert_refused(run("keys", "recipient", str(tmp_path / "x"), "--public", str(tmp_path / "x")), "--public must name")
    assert private.read_text() == before


def test_a_pair_whose_public_half_has_no_place_is_not_made(tmp_path: Path) -> None:
    private, taken = tmp_path / "me.jwk", tmp_path / "taken"
    taken.write_text("mine")

    for public in (taken, tmp_path / "nowhere" / "me.pub.jwk"):
        assert_refused(run("keys", "recipient", str(private), "--public", str(public)), "--public: The file ")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert taken.read_text() == "mine"


def test_a_key_ring_is_no_key_of_a_recipient(file: Path) -> None:
    refused = run("open", "--key", str(file), typed="a.b.c.d.e")

    assert_refused(refused, "--key: this is a key ring, not a recipient's private key.")
    assert not any(secret in refused.err for secret in secrets_in(file))


def test_what_does_not_open_is_refused_in_a_sentence(tmp_path: Path) -> None:
    private, other, public = tmp_path / "me", tmp_path / "other", tmp_path / "public"
    run("keys", "recipient", str(private), "--public", str(public))
    run("keys", "recipient", str(other))
    jwk = json.loads(public.read_text())
    sealed, no_json = seal(jwk, b"{}"), seal(jwk, b"s3cretvalue")
    (tmp_path / "none").write_text("s3cretvalue")

    assert_refused(run("open", "--key", str(other), typed=sealed), "This cannot be opened")
    assert_refused(run("open", "--key", str(private), typed="s3cretvalue"), "This cannot be opened")
    assert_refused(run("open", "--key", str(public), typed=sealed), "The key is a public key")
    assert_refused(
        run("open", "--key", str(tmp_path / "none"), typed=sealed), "--key must be a file that contains a private JWK"
    )
    assert_refused(run("open", "--key", str(tmp_path / "nowhere"), typed=sealed), "--key: The file cannot be read")
    no_json_inside = run("open", "--key", str(private), typed=no_json)
    assert_refused(no_json_inside, "The key opens this, but the content is not JSON.")
    assert "s3cret" not in no_json_inside.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_closed_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert_refused(run("keys", "new", str(tmp_path / "keys.json")), "The file cannot be written: permission denied.")
