"""A codec server and a Temporal with its UI, as people have them in front of them."""

from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.integration.codec_server.codec_process import TOKEN, CodecProcess


@dataclass(frozen=True)
class Stack:
    """A codec server, and a Temporal with its UI. By name, for cookies do not go from one host to another."""

    codec: CodecProcess
    ui: str

    @property
    def page(self) -> str:
        return self.codec.address.replace("127.0.0.1", "localhost")


async def signs_in(page: Page, stack: Stack) -> None:
    await page.goto(f"{stack.page}/#token={TOKEN}")
    await expect(page.locator("#state")).to_have_text("This browser is signed in.")
