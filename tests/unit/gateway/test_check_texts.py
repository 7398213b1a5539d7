"""The check of translations finds each thing that is missing, in ours and in those of an operator."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.check_texts import ENGLISH, faults_of, main
from gateway.texts import LANGUAGES, texts_with

THEME = Path(__file__).parents[2] / "system" / "gateway" / "theme"
ARABIC = texts_with(THEME, "ar")
TRIES = ARABIC["code.tries"]
WITHOUT = "without"


def test_our_languages_and_the_one_of_the_tests_are_complete() -> None:
    faults = [fault for language in (*LANGUAGES, "ar") for fault in faults_of(language, texts_with(THEME, language))]

    assert (LANGUAGES, faults) == (["de", "en", "es", "fr"], [])


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("back", WITHOUT, "missing"),
        ("dir", WITHOUT, "missing"),
        ("dir", "ltr", 'must be "rtl"'),
        ("typo", "…", "the page has no such text"),
        ("back", " ", "must be a text that is not empty, or an object of such plural forms"),
        ("back", 7, "must be a text that is not empty, or an object of such plural forms"),
        ("back", {"other": "رجوع"}, "must be one text, as nothing is counted"),
        ("back", "رجوع {number}", "must have no placeholder"),
        ("code.clock", "صالح لمدة", "must have the placeholders {time}"),
        ("code.tries", TRIES | {"few": "بقيت محاولات"}, "must have the placeholders {count}"),
        ("code.tries", {"one": "…", "other": "{count}"}, 'the plural form "few" is missing'),
        ("code.tries", "{count}", 'the plural form "zero" is missing'),
        ("code.tries", TRIES | {"some": "{count}"}, 'there is no plural form "some" in this language'),
        (
            "number.hint",
            "+966 50 123 4567",
            "a phone number must stand between U+2066 and U+2069, else it is read from right to left",
        ),
    ],
)
def test_each_fault_is_named(key: str, text: Any, fault: str) -> None:
    texts = {name: value for name, value in (ARABIC | {key: text}).items() if value != WITHOUT}

    assert f"{key}: {fault}" in faults_of("ar", texts)


def test_a_language_that_counts_with_one_form_needs_no_object() -> None:
    uncounted = {key: text["other"] if isinstance(text, dict) else text for key, text in ENGLISH.items()}

    assert faults_of("ja", uncounted) == []


def test_a_file_is_named_by_a_known_language() -> None:
    assert faults_of("klingonese", ENGLISH) == ["no known language: name the file by its tag, such as pt-BR.json"]


def test_the_command_says_what_each_file_of_a_theme_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "de.json").write_text('{"brand": "Example Bank"}')
    (tmp_path / "texts" / "pl.json").write_text(json.dumps(ENGLISH))
    (tmp_path / "texts" / "pt-BR.json").write_text("[]")

    with pytest.raises(typer.Exit) as ended:
        main(tmp_path)

    said = capsys.readouterr().out.splitlines()
    assert ended.value.exit_code == 1
    assert said[0] == f"de.json: complete, {len(ENGLISH)} texts"  # ours, with a text of the operator's
    assert 'pl.json: code.tries: the plural form "few" is missing' in said
    assert said[-1] == "pt-BR.json: must be a JSON object in UTF-8"


def test_the_command_is_content_with_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        main()

    assert ended.value.exit_code == 0
    assert len(capsys.readouterr().out.splitlines()) == len(LANGUAGES)


def test_what_the_documentation_shows_of_an_untranslated_file_is_what_is_said() -> None:
    page = (Path(__file__).parents[3] / "docs" / "page.md").read_text()
    shown = re.findall(r"^pl\.json: (.+)$", page, re.MULTILINE)

    assert shown == faults_of("pl", ENGLISH)[: len(shown)] != []
