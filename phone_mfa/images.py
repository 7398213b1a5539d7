"""Checks of image files that a page shows: PNG and SVG only, and no SVG that does more than draw."""

import re
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

MAX_BYTES: Final = 256 * 1024
PNG: Final = "image/png"
SVG: Final = "image/svg+xml"

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ROOT: Final = "{http://www.w3.org/2000/svg}svg"
_ACTIVE: Final = {"script", "foreignobject", "iframe", "animate", "set", "handler"}


def image_type(file: Path) -> str:
    """Returns the media type of an image file. Raises ``ValueError`` if it is none that a page can show safely."""
    try:
        content = file.read_bytes()
    except OSError:
        raise ValueError("must be a readable file") from None
    if len(content) > MAX_BYTES:
        raise ValueError(f"must not be longer than {MAX_BYTES // 1024} kB")
    if content.startswith(_SIGNATURE):
        return PNG
    if not _is_safe_svg(content):
        raise ValueError("must be a PNG, or an SVG without scripts, declarations and references to other files")
    return SVG


def _is_safe_svg(content: bytes) -> bool:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # entities can grow without end
        return False
    parser = XMLParser()  # noqa: S314 - no declarations are left, and nothing is fetched
    try:
        parser.feed(content)
        root = parser.close()
    except (ParseError, ValueError):
        return False
    return root.tag == _ROOT and all(_only_draws(element) for element in root.iter())


def _only_draws(element: Element) -> bool:
    name = str(element.tag).rpartition("}")[2].lower()
    if name == "style" and re.search(r"url\(|@import", element.text or "", re.IGNORECASE):
        return False
    return name not in _ACTIVE and all(_is_inert(key, value) for key, value in element.attrib.items())


def _is_inert(name: str, value: str) -> bool:
    name = name.rpartition("}")[2].lower()
    if name.startswith("on"):
        return False
    refers = name in ("href", "src") or re.search(r"url\(", value, re.IGNORECASE)
    return not refers or bool(re.fullmatch(r"(?:url\()?[\"\']?#[\w.-]+[\"\']?\)?", value.strip(), re.IGNORECASE))
