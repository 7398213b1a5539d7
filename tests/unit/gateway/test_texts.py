"""The texts that the gateway serves: ours, and those of an operator's theme."""

import json
from pathlib import Path

import pytest

from gateway.__main__ import require_valid_texts
from gateway.texts import LANGUAGES, languages_with, texts_with
from phone_mfa.settings import SettingsError


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "en.json").write_text(json.dumps({"brand": "Example Bank"}))
    (tmp_path / "texts" / "pl.json").write_text(json.dumps({"back": "Wstecz"}))
    return tmp_path


def test_a_file_of_the_theme_adds_a_language(theme: Path) -> None:
    assert languages_with(None) == LANGUAGES
    assert languages_with(theme) == sorted([*LANGUAGES, "pl"])


def test_a_text_of_the_theme_takes_the_place_of_ours(theme: Path) -> None:
    ours = texts_with(None, "en")

    assert texts_with(theme, "en") == ours | {"brand": "Example Bank"} != ours


def test_a_language_of_the_theme_hides_no_english_text_of_the_theme(theme: Path) -> None:
    assert texts_with(theme, "pl") == {"back": "Wstecz"}  # the page adds the English ones, with those of the theme


def test_a_folder_without_texts_changes_none(tmp_path: Path) -> None:
    assert languages_with(tmp_path) == LANGUAGES
    assert texts_with(tmp_path, "de") == texts_with(None, "de")


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"brand": "\xff"}'])
def test_a_gateway_with_a_broken_file_of_texts_does_not_start(theme: Path, content: bytes) -> None:
    require_valid_texts(theme)
    (theme / "texts" / "pl.json").write_bytes(content)

    with pytest.raises(SettingsError, match=r"PHONE_MFA_GATEWAY_THEME: texts/pl\.json must be a JSON object in UTF-8"):
        require_valid_texts(theme)
