"""The texts of the page: ours, and those of the operator's theme, which replace ours and add languages."""

import json
from pathlib import Path
from typing import Any, Final

TEXTS: Final = Path(__file__).parent / "page" / "texts"
LANGUAGES: Final = sorted(file.stem for file in TEXTS.glob("*.json"))

Texts = dict[str, Any]
"""By key, a text or its plural forms."""


def languages_with(theme: Path | None) -> list[str]:
    """Our languages and those of a theme."""
    theirs = {file.stem for file in (theme / "texts").glob("*.json")} if theme else set()
    return sorted({*LANGUAGES, *theirs})


def texts_with(theme: Path | None, language: str) -> Texts:
    """The texts of one of the languages: ours, if we have it, with the theme's in their place."""
    theirs = read(theme / "texts" / f"{language}.json") if theme else {}
    return {**(read(TEXTS / f"{language}.json") or {}), **(theirs or {})}


def broken_texts(theme: Path) -> list[str]:
    """The names of text files that are not JSON objects."""
    return sorted(file.name for file in (theme / "texts").glob("*.json") if read(file) is None)


def read(file: Path) -> Texts | None:
    """The texts of a file: empty if it does not exist, ``None`` if it is invalid."""
    if not file.is_file():
        return {}
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return texts if isinstance(texts, dict) else None
