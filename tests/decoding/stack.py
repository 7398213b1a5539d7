"""A codec server and a Temporal with its UI, as people have them in front of them."""

import socket
from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.decoding.codec_process import TOKEN, CodecProcess


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


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
