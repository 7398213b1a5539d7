"""A process that runs picks up a rotated file, and lives through a broken one."""

import logging
import os
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import KeyringError, SealingCodec, keyring_source_of
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.rotation import new_ring, renamed, rotated, without
from phone_mfa.watched_file import LOOK_EVERY
from tests.unit.encryption.rings import codec, opened, sealed, write

FIRST = new_ring()
SECOND = rotated(FIRST)


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self) -> None:
        self.now += LOOK_EVERY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    write(path, FIRST.text())
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(file: Path, clock: Clock) -> WatchedRing:
    return WatchedRing(file, clock)


def test_a_rotation_is_picked_up_without_a_restart(source: WatchedRing, file: Path, clock: Clock) -> None:
    assert source.ring() == FIRST

    write(file, SECOND.text())
    clock.tick()

    assert source.ring() == SECOND


def test_the_file_is_not_looked_at_for_every_payload(source: WatchedRing, file: Path, clock: Clock) -> None:
    write(file, SECOND.text())

    assert source.ring() == FIRST


def test_a_key_we_lack_is_looked_for_at_once(source: WatchedRing, file: Path) -> None:
    payload = Payload(data=b"x")
    write(file, SECOND.text())

    assert opened(SealingCodec(source, "default"), sealed(codec(SECOND), payload)) == payload


@pytest.mark.parametrize("content", [b"", b"{}", FIRST.text().encode()[:-9], b"\xff\xfe", None])
def test_a_broken_file_keeps_the_good_ring_and_warns_once(
    source: WatchedRing, file: Path, clock: Clock, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    file.unlink() if content is None else file.write_bytes(content)

    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            clock.tick()
            assert source.ring(having="nobody") == FIRST

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(file) not in caplog.text


def test_a_ring_that_came_of_no_rotation_does_not_take_the_place_of_ours(
    source: WatchedRing, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    before = source.ring()
    write(file, new_ring().text())
    clock.now += LOOK_EVERY

    assert source.ring() == before
    assert "its id differs" in caplog.text


def test_all_of_a_rings_keys_may_change_between_two_looks(source: WatchedRing, file: Path, clock: Clock) -> None:
    other = renamed(without(SECOND, [FIRST.current]))
    write(file, other.text())
    clock.tick()

    assert source.ring() == other


def test_a_file_that_is_mended_is_read_again(source: WatchedRing, file: Path, clock: Clock) -> None:
    file.unlink()
    clock.tick()
    source.ring()

    write(file, SECOND.text())
    clock.tick()

    assert source.ring() == SECOND


def test_what_is_logged_of_rings_holds_no_key(
    source: WatchedRing, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken = SECOND.text().replace('"version": 2', '"version": 3')

    with caplog.at_level(logging.DEBUG):
        for text in (SECOND.text(), broken, SECOND.text()):
            write(file, text)
            clock.tick()
            source.ring()

    assert len(caplog.records) == 3
    secrets = [line.split('"')[3] for line in SECOND.text().splitlines() if "key" in line and line.count('"') == 4]
    assert len(secrets) == 3
    assert not any(secret in caplog.text for secret in secrets)


@pytest.mark.parametrize(("mode", "warnings"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o440, 1), (0o604, 1), (0o644, 1)])
def test_a_file_that_others_can_read_is_warned_of_and_used(
    file: Path, clock: Clock, mode: int, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    file.chmod(mode)
    source = WatchedRing(file, clock)
    clock.tick()

    assert source.ring() == FIRST
    assert [record.levelname for record in caplog.records] == ["WARNING"] * warnings
    assert ("is readable by users other than its owner" in caplog.text) == bool(warnings)
    assert str(file) not in caplog.text


def test_a_link_to_a_file_is_followed_to_wherever_it_leads(file: Path, clock: Clock) -> None:
    link, second = file.with_name("link"), file.with_name("second")
    link.symlink_to(file)
    source = WatchedRing(link, clock)
    second.write_text(SECOND.text())

    file.with_name("newlink").symlink_to(second)
    file.with_name("newlink").replace(link)
    clock.tick()

    assert source.ring() == SECOND


def test_the_setting_may_be_the_ring_itself() -> None:
    assert keyring_source_of(f"\n {FIRST.text()}").ring() == FIRST


def test_a_pipe_is_refused_at_once_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KeyringError, match="the file is not a regular file"):
        keyring_source_of(str(tmp_path / "pipe"))


@pytest.mark.parametrize("setting", ["", "/nowhere/keys.json", "/", "{}", "not a path"])
def test_no_ring_at_all_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(KeyringError, match=r"^The key ring[^\n]*\.$"):
        keyring_source_of(setting)
