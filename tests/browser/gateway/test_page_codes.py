"""The page reads codes as the gateway does: its module alone, in a real browser."""

import sys
import unicodedata
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files

import pytest
from playwright.async_api import Browser, Page, Route
from pydantic import SecretStr

from phone_mfa.contracts import BindingCode
from tests.typed_cases import PAGE_CODES, RECOVERY_CODES

ORIGIN = "http://page.example"
MODULE = files("gateway").joinpath("page", "code_formats.js")
READ_CODES = """async (texts) => {
  const { digitsOf, isWhole } = await import("/code_formats.js");
  return texts.map(digitsOf).map((code) => (isWhole(code) ? code : null));
}"""
READ_RECOVERY_CODES = """async (texts) => {
  const { isRecoveryCode, recoveryCodeOf } = await import("/code_formats.js");
  return texts.map(recoveryCodeOf).map((code) => (isRecoveryCode(code) ? code : null));
}"""


@pytest.fixture
async def module(browser: Browser) -> AsyncIterator[Page]:
    """A page with nothing but the module."""

    async def serve(route: Route) -> None:
        if route.request.url.endswith(".js"):
            await route.fulfill(body=MODULE.read_text("utf-8"), content_type="text/javascript")
        else:
            await route.fulfill(body="<!doctype html>", content_type="text/html")

    page = await browser.new_page()
    await page.route(f"{ORIGIN}/**", serve)
    await page.goto(f"{ORIGIN}/")
    yield page
    await page.close()


async def codes_in(module: Page, *texts: str) -> Sequence[str | None]:
    return list(await module.evaluate(READ_CODES, texts))


@pytest.mark.parametrize(("typed", "code"), PAGE_CODES)
async def test_what_people_paste_as_a_code_is_the_code_or_not_sent(module: Page, typed: str, code: str | None) -> None:
    assert await codes_in(module, typed) == [code]


@pytest.mark.parametrize(("typed", "code"), RECOVERY_CODES)
async def test_what_people_paste_as_a_recovery_code_is_the_code(module: Page, typed: str, code: str) -> None:
    assert await module.evaluate(READ_RECOVERY_CODES, [typed]) == [code]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("g-123 456", "123456"),
        ("G-123456 is your code", "123456"),
        ("Your code: \u2068123\u2014456\u2069.", "123456"),
        ("Your code is \u0661\u0662\u0663\u0664\u0665\u0666.", "123456"),
        ("123456 123456", "123456"),
        ("Code 123456123456, valid for 5 minutes", "123456"),
        ("123456 123457", None),
        ("123456 or 654321", None),
        ("28-11-26 see you", None),
        ("+1 555 123 4567 code", None),
        ("AG-123456-7", None),
        ("", None),
    ],
)
async def test_a_code_is_taken_out_of_a_text_if_it_is_the_only_one(module: Page, typed: str, code: str | None) -> None:
    assert await codes_in(module, typed) == [code]


async def test_every_character_is_read_as_the_gateway_reads_it(module: Page) -> None:
    """Of those that Python's Unicode knows; a browser's may be newer."""
    chars = [
        char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in {"Cf", "Nd", "Pd", "Zs"}
    ]
    texts = [f"123{char}45" for char in chars] + [f"123{char}456" for char in chars]
    wanted = [BindingCode(code=SecretStr(text)) for text in texts]

    assert await codes_in(module, *texts) == [None if code.problem else code.normalized for code in wanted]
