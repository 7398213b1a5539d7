"""How links from `docs/` to the rest of the repository reach the site."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from mkdocs_links import on_page_markdown


def rewritten(markdown: str, path: str = "gateway.md") -> str:
    file = File(path, src_dir="docs", dest_dir="build/site", use_directory_urls=False)
    return on_page_markdown(markdown, page=Page(None, file, MkDocsConfig()))


def test_a_link_out_of_the_folder_becomes_the_name_of_the_file() -> None:
    assert rewritten("See [the emulator](../emulator/README.md).") == "See the emulator (`emulator/README.md`)."


def test_links_inside_the_folder_stay() -> None:
    link = "[Why](../why.md#the-problem), [pages](running.md)"

    assert rewritten(link, "decisions/0002-refusals-are-answers.md") == link


def test_a_link_to_a_file_that_does_not_exist_stays_and_so_fails_the_build() -> None:
    assert rewritten("[gone](../gone.md)") == "[gone](../gone.md)"
