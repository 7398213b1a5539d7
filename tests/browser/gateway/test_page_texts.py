"""The page's files, without a browser: every language says the same things, and nothing is left unsaid."""

import json
import re
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

import pytest

from gateway.check_texts import faults_of
from phone_mfa.contracts import Outcome, Phase, Verdict, WaitReason

PAGE = files("gateway").joinpath("page")
LANGUAGES = ("en", "es", "de", "fr")
CLIENT = files("gateway").joinpath("client")
SCRIPTS = sorted(file.name for file in PAGE.iterdir() if file.name.endswith(".js"))
CLIENT_SCRIPTS = sorted(file.name for file in CLIENT.iterdir() if file.name.endswith(".js"))
TOLD_BY = {
    WaitReason.TOKEN_EXPIRED: "phase.waiting_for_token.text",
    WaitReason.AUTH0_ANSWER: "phase.sending_code.none",  # and by the button, while a code is checked
    WaitReason.CODE_NOT_TYPED: "phase.waiting_for_code.none",
    WaitReason.CODE_ENDED: "phase.waiting_for_code.ended",
}
"""The reasons to wait that need no words of their own, as these texts of their phases tell them."""


def texts(language: str) -> dict[str, Any]:
    return dict(json.loads(PAGE.joinpath("texts", f"{language}.json").read_text("utf-8")))


def script(name: str) -> str:
    return PAGE.joinpath(name).read_text("utf-8")


def test_there_are_texts_in_four_languages() -> None:
    assert sorted(file.name for file in PAGE.joinpath("texts").iterdir()) == sorted(
        f"{name}.json" for name in LANGUAGES
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_all_texts_in_the_same_order(language: str) -> None:
    assert faults_of(language, texts(language)) == []
    assert list(texts(language)) == list(texts("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_phase_outcome_and_verdict_is_put_into_words(language: str) -> None:
    ours = texts(language)
    told_elsewhere = {Phase.DONE, Phase.CHECKING_CODE, Phase.FAILED}  # by outcome, button, and stop
    assert {"stop.failed.title", "stop.failed.text"} <= set(ours)
    for phase in set(Phase) - told_elsewhere:
        assert any(key == f"phase.{phase}" or key.startswith(f"phase.{phase}.") for key in ours), phase
    for outcome in Outcome:
        assert {f"outcome.{outcome}.title", f"outcome.{outcome}.text"} <= set(ours)
    for verdict in Verdict:
        assert f"verdict.{verdict}" in ours


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_to_wait_is_put_into_words_once(language: str) -> None:
    ours = texts(language)
    own = [key.split(".")[1] for key in ours if key.startswith("wait.") and not key.endswith(".title")]
    assert sorted([*own, *TOLD_BY]) == sorted(WaitReason)
    assert set(TOLD_BY.values()) <= set(ours)


def test_each_text_the_page_names_is_there_and_each_that_is_there_is_named() -> None:
    sources = "\n".join([*map(script, SCRIPTS), script("page.html")])
    english = texts("en")
    whole = set(re.findall(r'"([a-z]+(?:[.-][a-z_-]+)+)"', sources))
    begun = set(re.findall(r"`([a-z]+\.(?:[a-z_]+\.)*)\$\{", sources))
    families = {key.partition(".")[0] for key in english}
    named = {name for name in whole if name.partition(".")[0] in families and not name.endswith((".js", ".css"))}
    begun |= {f"{name}." for name in named if f"{name}.title" in english}
    assert {name for name in named - set(english) if f"{name}." not in begun} == set()
    single = set(re.findall(r'data-text="([a-z.-]+)"|text\("([a-z.-]+)"', sources))
    plain = {one or other for one, other in single}
    unnamed = {key for key in english if key not in named | plain and not any(key.startswith(start) for start in begun)}
    assert unnamed == {"dir"}


def test_the_page_fetches_all_its_modules_at_once() -> None:
    last = ["load_error.js", "main.js"]
    others = [name for name in SCRIPTS if name not in last]
    whole = [f"/assets/{name}" for name in others] + [f"/client/{name}" for name in CLIENT_SCRIPTS]
    assert re.findall(r'"(/[a-z]+/[a-z0-9_]+\.js)"', script("page.html")) == [
        *whole,
        *(f"/assets/{name}" for name in last),
    ]


def needs(source: str) -> list[str]:
    """The modules next to it that a module imports, or exports what is in."""
    return re.findall(r'^(?:import|export) .* from "\./([a-z0-9_]+\.js)";$', source, re.MULTILINE)


def test_no_module_of_the_page_needs_one_that_needs_it() -> None:
    page = {name: needs(script(name)) for name in SCRIPTS}
    client = {name: needs(CLIENT.joinpath(name).read_text("utf-8")) for name in CLIENT_SCRIPTS}
    assert "flow.js" in page["main.js"]
    assert "flow_client.js" in client["index.js"]
    assert set(TopologicalSorter(page).static_order()) == set(SCRIPTS)
    assert set(TopologicalSorter(client).static_order()) == set(CLIENT_SCRIPTS)


def test_the_client_needs_nothing_but_itself_and_the_page_takes_it_by_its_front_door() -> None:
    elsewhere = r'^(?:import|export) .* from "(?!\./)([^"]+)";$'
    for name in CLIENT_SCRIPTS:
        assert re.findall(elsewhere, CLIENT.joinpath(name).read_text("utf-8"), re.MULTILINE) == [], name
    taken = {found for name in SCRIPTS for found in re.findall(elsewhere, script(name), re.MULTILINE)}
    assert taken == {"../client/index.js"}


def test_the_page_holds_nothing_that_its_policy_forbids() -> None:
    forbidden = r"\son[a-z]+=|\sstyle=|<style|<script(?![^>]*\ssrc=)|https?://(?!www\.w3\.org)"
    assert not re.search(forbidden, script("page.html"))


def test_the_scripts_write_no_markup_and_say_nothing_to_the_console() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|console\."
    for script_file in [*map(PAGE.joinpath, SCRIPTS), *map(CLIENT.joinpath, CLIENT_SCRIPTS)]:
        assert not re.search(forbidden, script_file.read_text("utf-8")), script_file.name


def test_colours_are_custom_properties_only() -> None:
    style = script("page.css")
    rules = re.sub(r":root \{[^}]*\}", "", style)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])|rgba?\(|hsla?\(", rules) == []
