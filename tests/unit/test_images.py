"""Which files a page shows as a logo."""

from pathlib import Path

import pytest

from phone_mfa.images import MAX_BYTES, PNG, SVG, image_type

SPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
GOOD = f'<svg {SPACE}><defs><linearGradient id="a"/></defs><path fill="url(#a)" d="M0 0h9"/><use href="#a"/></svg>'


def written(folder: Path, content: bytes) -> Path:
    file = folder / "logo"
    file.write_bytes(content)
    return file


def test_png_and_plain_svg_are_images(tmp_path: Path) -> None:
    assert image_type(written(tmp_path, b"\x89PNG\r\n\x1a\n...")) == PNG
    assert image_type(written(tmp_path, GOOD.encode())) == SVG
    assert image_type(written(tmp_path, b'<?xml version="1.0"?>\n' + GOOD.encode())) == SVG


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<html></html>",
        b"<svg/>",
        f"<svg {SPACE}".encode(),
        f"<svg {SPACE}><script>alert(1)</script></svg>".encode(),
        f'<svg {SPACE} onload="alert(1)"/>'.encode(),
        f'<svg {SPACE}><a href="javascript:alert(1)"/></svg>'.encode(),
        f'<svg {SPACE}><image xlink:href="https://evil.example.com/x.png"/></svg>'.encode(),
        f'<svg {SPACE}><path fill="url(https://evil.example.com/#a)"/></svg>'.encode(),
        f'<svg {SPACE}><path style="fill:url(//evil.example.com/#a)"/></svg>'.encode(),
        f"<svg {SPACE}><foreignObject/></svg>".encode(),
        f"<svg {SPACE}><style>@import '//evil.example.com/a.css'</style></svg>".encode(),
        f'<!DOCTYPE svg [<!ENTITY a "aa">]><svg {SPACE}>&a;</svg>'.encode(),
        b" " * (MAX_BYTES + 1),
    ],
    ids=range(15),
)
def test_what_does_more_than_draw_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ValueError, match="must"):
        image_type(written(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="readable"):
        image_type(tmp_path / "nothing")
