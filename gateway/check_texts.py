"""Checks whether the page's texts in a language are complete: ``python -m gateway.check_texts THEME``.

Knows which plural forms and which writing direction a language has, from Babel, which the gateway itself does not need:
``pip install 'phone-mfa[texts]'``. It does not know whether a translation is right.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from babel import Locale, UnknownLocaleError

from phone_mfa.contracts.start import AUTH0_BURST

from .texts import LANGUAGES, TEXTS, Texts, broken_texts, read, texts_with

ENGLISH: Final[Texts] = read(TEXTS / "en.json") or {}
COUNTS: Final = range(AUTH0_BURST + 1)
"""What the page counts: the tries that are left."""
GAP: Final = re.compile(r"\{[a-z]+\}")
LOOSE_NUMBER: Final = re.compile("(?<!\u2066)\\+[0-9]")
"""A phone number that takes the direction of the text around it: "+1 555" reads "555 1+" from right to left."""


def main(
    theme: Annotated[
        Path | None,
        typer.Argument(
            envvar="PHONE_MFA_GATEWAY_THEME",
            exists=True,
            file_okay=False,
            help="The folder of PHONE_MFA_GATEWAY_THEME, whose texts/LANGUAGE.json are checked. Default: ours.",
        ),
    ] = None,
) -> None:
    """Check that languages of the page are complete, with the placeholders and plural forms that their texts need.

    Prints one line for each fault, and exits with status 1 if there is any.
    """
    names = [file.stem for file in sorted((theme / "texts").glob("*.json"))] if theme else LANGUAGES
    if not names:
        raise typer.BadParameter("has no texts/LANGUAGE.json")
    faults = {name: _faults_in(theme, name) for name in names}
    for name, found in faults.items():
        for line in found or [f"complete, {len(ENGLISH)} texts"]:
            typer.echo(f"{name}.json: {line}")
    raise typer.Exit(int(any(faults.values())))


def _faults_in(theme: Path | None, language: str) -> list[str]:
    if theme and f"{language}.json" in broken_texts(theme):
        return ["must be a JSON object in UTF-8"]
    return faults_of(language, texts_with(theme, language))


def faults_of(language: str, texts: Texts) -> list[str]:
    """What is wrong with the texts of a language, one line each. ``language``: its tag, such as ``pt-BR`` (BCP 47)."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return ["no known language: name the file by its tag, such as pt-BR.json"]
    faults = [f"{key}: missing" for key in ENGLISH if key not in texts]
    faults += [f"{key}: the page has no such text" for key in texts if key not in ENGLISH]
    for key in ENGLISH.keys() & texts.keys() - {"dir"}:
        faults += [f"{key}: {fault}" for fault in _faults_of_text(locale, ENGLISH[key], texts[key])]
    if texts.get("dir") not in (None, locale.text_direction):
        faults.append(f'dir: must be "{locale.text_direction}"')
    return sorted(faults)


def _faults_of_text(locale: Locale, english: Any, text: Any) -> Iterator[str]:
    forms = text if isinstance(text, dict) else {"other": text}
    if not all(isinstance(form, str) and form.strip() for form in forms.values()):
        yield "must be a text that is not empty, or an object of such plural forms"
        return
    if isinstance(english, dict):
        yield from _faults_of_forms(locale, forms)
    elif isinstance(text, dict):
        yield "must be one text, as nothing is counted"
    gaps = set(GAP.findall(english["other"] if isinstance(english, dict) else english))
    for name, form in forms.items():
        if set(GAP.findall(form)) | _implied(locale, name) != gaps | _implied(locale, name):
            yield f"must have the placeholders {' '.join(sorted(gaps))}" if gaps else "must have no placeholder"
        if locale.text_direction == "rtl" and LOOSE_NUMBER.search(form):
            yield "a phone number must stand between U+2066 and U+2069, else it is read from right to left"


def _faults_of_forms(locale: Locale, forms: dict[str, str]) -> Iterator[str]:
    needed = {locale.plural_form(count) for count in COUNTS} | {"other"}
    for name in sorted(needed - forms.keys()):
        yield f'the plural form "{name}" is missing'
    for name in sorted(forms.keys() - locale.plural_form.tags - {"other"}):
        yield f'there is no plural form "{name}" in this language'


def _implied(locale: Locale, form: str) -> set[str]:
    """The placeholder that a plural form may do without, as it stands for one number only, such as "two"."""
    return {"{count}"} if [locale.plural_form(count) for count in COUNTS].count(form) == 1 else set()


if __name__ == "__main__":
    typer.run(main)
