"""A hook of mkdocs: links from ``docs/`` to other files of the repository become the files' names.

Such a link works in a checkout, but the site has no page for it. A link to a file that does not exist stays, so
that ``mkdocs build --strict`` fails.
"""

import re
from pathlib import Path
from typing import Any, Final

from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parent
DOCS: Final = ROOT / "docs"

_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<path>\.\.?/[^)\s#]*)(?:#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """The page's text, with such links written out."""
    folder = (DOCS / page.file.src_uri).parent

    def written_out(link: re.Match[str]) -> str:
        target = (folder / link["path"]).resolve()
        if target.is_relative_to(DOCS) or not target.is_relative_to(ROOT) or not target.exists():
            return link[0]
        return f"{link['text']} (`{target.relative_to(ROOT)}`)"

    return _LINK.sub(written_out, markdown)
