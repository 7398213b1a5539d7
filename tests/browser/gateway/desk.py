"""A person who sits at a browser with the phone in their hand."""

import asyncio
import time
import uuid
from typing import Any

from playwright.async_api import Locator, Page, expect
from temporalio.client import WorkflowExecutionStatus

from emulator.tests.visitor import Person, other_than
from tests.system.gateway.installation import Installation
from tests.system.leaks.stack import eventually

QUICKLY = {"resend_after_seconds": [1]}
"""The policy of people who have no time."""


def spoilt(token: str) -> str:
    """The same claims, signed by nobody."""
    return f"{token.rpartition('.')[0]}.{'A' * 43}"


class Desk:
    """One person, one page, one flow."""

    def __init__(self, installation: Installation, page: Page) -> None:
        self.installation, self.visitor, self.page = installation, installation.visitor, page
        self.person = Person("", "", "")
        self.flow = self.run = self.token = ""

    async def enroll(self, *, person: Person | None = None, query: str = "", **request: Any) -> None:
        """Log in, be asked for a phone, and land on the page."""
        await self.starts(person=person, **request)
        await self.open("enroll", query)

    async def starts(self, *, person: Person | None = None, **request: Any) -> None:
        """Log in and be asked for a phone; the link to the page is there, and not opened."""
        self.person = person or await self.visitor.person()
        request.setdefault("mfa_token", await self.visitor.mfa_token(self.person))
        request.setdefault("phone_number", self.person.number)
        await self._start("enrollments", **request)

    async def enrolled(self) -> str:
        """A person whose phone is known already; their recovery code."""
        self.person = await self.visitor.person()
        [code] = await self.visitor.enroll(self.person)
        return code

    async def challenge(self, **request: Any) -> None:
        """Log in with the phone there is, and land on the page."""
        request.setdefault("mfa_token", await self.visitor.mfa_token(self.person))
        await self._start("challenges", **request)
        await self.open("verify")

    async def _start(self, kind: str, **request: Any) -> None:
        started = await self.installation.start(kind, **{"user": str(uuid.uuid4())} | request)
        self.flow, self.run, self.token = started["flow_id"], started["run_id"], started["flow_token"]

    async def open(self, path: str, query: str = "") -> None:
        await self.page.goto(f"{self.installation.address}/{path}{query}#token={self.token}")

    async def another_tab(self) -> "Desk":
        """The same person at another tab, with the same link in their hand."""
        other = Desk(self.installation, await self.page.context.new_page())
        other.person, other.flow, other.run, other.token = self.person, self.flow, self.run, self.token
        return other

    async def fresh_token(self) -> str:
        """A token that was given out later than the one there is."""
        fresh = await self.installation.ask("POST", f"/v1/flows/{self.flow}/token")
        return str(fresh["flow_token"])

    async def cancel(self) -> None:
        """End the flow, so that the next start is one of another."""
        await self.installation.ask("DELETE", f"/v1/flows/{self.flow}")

        async def is_over() -> bool:
            handle = self.installation.temporal.get_workflow_handle(self.flow)
            return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

        await eventually(is_over)

    # --- what is on the page

    @property
    def field(self) -> Locator:
        return self.page.locator("#code")

    @property
    def lead(self) -> Locator:
        return self.page.locator("#code-lead")

    @property
    def error(self) -> Locator:
        return self.page.locator("#code-error")

    @property
    def notice(self) -> Locator:
        return self.page.locator("#notice")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def sees(self, heading: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    async def is_asked(self) -> None:
        """A message is out, and the page waits for its code."""
        await expect(self.lead).to_be_visible()
        await expect(self.lead).to_contain_text("We sent a text message")
        await expect(self.page.locator("#code-clock")).to_contain_text("Valid for")

    # --- the phone

    async def codes(self, number: str | None = None, *, at_least: int = 1) -> list[str]:
        """The codes the phone received, once there are so many."""
        give_up_at = time.monotonic() + 20
        while len(found := await self.visitor.messages(number or self.person.number)) < at_least:
            assert time.monotonic() < give_up_at, f"{len(found)} messages came"
            await asyncio.sleep(0.05)
        return [message["code"] for message in found]

    async def code(self) -> str:
        return (await self.codes())[-1]

    async def types_the_code(self) -> None:
        await self.field.press_sequentially(await self.code())

    async def types_a_wrong_code(self) -> None:
        await self.field.fill(other_than(await self.code()))
        await expect(self.error).to_contain_text("incorrect")

    async def saves_the_recovery_code(self) -> None:
        await self.sees("Save your recovery code")
        await self.page.get_by_label("I have saved my recovery code").check()
        await self.button("Continue").click()
