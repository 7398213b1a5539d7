"""Services are known by keys of which only hashes are kept, and a revoked key is refused a second later."""

import hashlib
import json
import logging
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phone_mfa.api_keys import ApiKeysError, KeyList, add_key, api_keys, parse_keys, read_keys, revoke_key
from phone_mfa.key_files import KeyFileError
from phone_mfa.watched_file import LOOK_EVERY
from tests.keys import name_of

NAMES = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
SOMETHING = {"name": "onboarding", "sha256": "ab" * 32}


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self) -> None:
        self.now += LOOK_EVERY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "api-keys.json"


def listed(**key: str) -> str:
    return json.dumps([SOMETHING | key])


def test_a_key_is_known_by_its_name_and_nothing_else_is(file: Path) -> None:
    keys = {name: add_key(file, name) for name in ("onboarding", "support", "crm")}
    known = api_keys(str(file))

    assert {name: name_of(known, key) for name, key in keys.items()} == {name: name for name in keys}
    for key in ("", "pmk_", keys["crm"][:-1], keys["crm"] + "x", keys["crm"].lower(), f" {keys['crm']}", "\udc80é"):
        assert name_of(known, key) is None


def test_a_key_has_256_bits_and_is_not_kept(file: Path) -> None:
    made = [add_key(file, f"key-{number}") for number in range(20)]

    assert len(set(made)) == 20
    assert all(re.fullmatch(r"pmk_[A-Za-z0-9_-]{43}", key) for key in made)
    assert not any(key[4:] in file.read_text() or key in repr(read_keys(file)) for key in made)
    assert json.loads(file.read_text())[0]["sha256"] == hashlib.sha256(made[0].encode()).hexdigest()


def test_a_revoked_key_is_refused_without_a_restart(file: Path, clock: Clock) -> None:
    kept, gone = add_key(file, "kept"), add_key(file, "gone")
    known = api_keys(str(file), clock)
    assert name_of(known, gone) == "gone"

    assert [key.name for key in revoke_key(file, "gone").keys] == ["kept"]

    assert name_of(known, gone) == "gone"  # it was looked a moment ago
    clock.tick()
    assert (name_of(known, gone), name_of(known, kept)) == (None, "kept")


def test_a_new_key_is_known_without_a_restart(file: Path, clock: Clock) -> None:
    add_key(file, "first")
    known = api_keys(str(file), clock)

    key = add_key(file, "second")
    clock.tick()

    assert name_of(known, key) == "second"


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"name": "a"}]', b"\xff\xfe", None])
def test_a_broken_file_keeps_the_good_list_and_warns_once(
    file: Path, clock: Clock, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    key = add_key(file, "first")
    known = api_keys(str(file), clock)
    file.unlink() if content is None else file.write_bytes(content)

    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            clock.tick()
            assert name_of(known, key) == "first"

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(file) not in caplog.text


def test_the_empty_list_allows_nobody(file: Path, clock: Clock) -> None:
    key = add_key(file, "first")
    known = api_keys(str(file), clock)
    file.write_text("[]")
    clock.tick()

    assert name_of(known, key) is None
    assert name_of(api_keys("[]"), key) is None


def test_the_setting_may_be_the_list_itself(file: Path) -> None:
    key = add_key(file, "first")

    assert name_of(api_keys(f"\n {file.read_text()}"), key) == "first"


def test_the_time_a_key_was_made_may_be_left_out() -> None:
    known = parse_keys(listed(sha256=hashlib.sha256(b"pmk_x").hexdigest().upper()))

    assert (name_of(known, "pmk_x"), known.keys[0].created_text) == ("onboarding", None)
    assert parse_keys(known.text()) == known


@settings(deadline=None)
@given(st.lists(NAMES, unique=True, max_size=6))
def test_a_list_is_read_as_it_was_written(names: list[str]) -> None:
    keys, made = KeyList(), {}
    for name in names:
        keys, made[name] = keys.with_new(name)
    read = parse_keys(keys.text())

    assert {name: name_of(read, key) for name, key in made.items()} == {name: name for name in names}
    assert read.text() == keys.text()


@settings(deadline=None)
@given(st.text() | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner), max_leaves=5).map(json.dumps))
def test_any_text_is_a_list_or_refused_in_a_sentence(text: str) -> None:
    said = ""
    try:
        parse_keys(text)
    except ApiKeysError as error:
        said = str(error)
    assert re.fullmatch(r"(The API keys[^\n]*\.)?", said)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("s3cret", "The API keys are not JSON."),
        ('{"s3cret": 1}', "The API keys must be a JSON array."),
        ("[1]", "The API keys: number 1 must be an object with name, sha256, created."),
        ('[{"name": "a"}]', "The API keys: sha256 of number 1 must be the SHA-256 of a key, in 64 hex digits."),
        (listed(sha256="s3cret"), "The API keys: sha256 of number 1 must be the SHA-256 of a key, in 64 hex digits."),
        (listed(name="s3cret key"), "The API keys: name of number 1 must be 1 to 64 characters of"),
        (listed(created="s3cret"), "The API keys: created of number 1 must be a time with a UTC offset"),
        (listed(s3cret="x"), "The API keys: number 1 has a member other than name, sha256, created."),
        (json.dumps([SOMETHING, SOMETHING]), "The API keys: two have the same name."),
        (json.dumps([SOMETHING, SOMETHING | {"name": "b"}]), "The API keys: two names have the same key."),
    ],
)
def test_a_bad_list_is_refused_in_a_sentence_that_repeats_nothing(text: str, sentence: str) -> None:
    with pytest.raises(ApiKeysError) as refused:
        parse_keys(text)

    assert str(refused.value).startswith(sentence)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("setting", ["", "/nowhere/api-keys.json", "/", "{}", "not a path"])
def test_no_list_at_all_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(ApiKeysError, match=r"^The API keys[^\n]*\.$"):
        api_keys(setting)


def test_a_pipe_is_refused_at_once_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ApiKeysError, match="the file is not a regular file"):
        api_keys(str(tmp_path / "pipe"))


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65, "a\n", "../a"])
def test_a_name_that_cannot_be_makes_no_file(file: Path, name: str) -> None:
    with pytest.raises(ApiKeysError, match="NAME must be"):
        add_key(file, name)

    assert not file.exists()


def test_a_name_is_given_once(file: Path) -> None:
    add_key(file, "first")
    before = file.read_text()

    with pytest.raises(ApiKeysError, match="A key with that name exists"):
        add_key(file, "first")
    with pytest.raises(ApiKeysError, match="There is no key with that name"):
        revoke_key(file, "second")
    assert file.read_text() == before


def test_the_file_is_for_its_owner_and_keeps_the_mode_it_is_given(file: Path) -> None:
    add_key(file, "first")
    first = stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o640)
    add_key(file, "second")

    assert (first, stat.S_IMODE(file.stat().st_mode)) == (0o600, 0o640)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no such file or directory"):
        add_key(tmp_path / "nowhere" / "api-keys.json", "first")
    with pytest.raises(KeyFileError, match="no such file or directory"):
        revoke_key(tmp_path / "api-keys.json", "first")
