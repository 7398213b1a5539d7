"""People with a link, at a browser, and the tenant and the app that they come by."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, Route

from emulator.tests.visitor import PASSWORD, Person
from tests.browser.gateway.desk import Desk
from tests.system.gateway.installation import APP, Installation


class Invited:
    """A person with a link, at a browser."""

    def __init__(self, installation: Installation, page: Page) -> None:
        self.installation, self.page = installation, page
        self.desk = Desk(installation, page)
        self.link = ""

    @property
    def person(self) -> Person:
        return self.desk.person

    async def is_invited(self, person: Person | None = None, **more: Any) -> None:
        self.desk.person = person or await self.installation.visitor.person()
        request = {"user": self.person.user_id, "phone_number": self.person.number, "invite": True}
        started = await self.installation.start("enrollments", **request | more)
        self.desk.flow, self.link = started["flow_id"], started["link"]["url"]

    async def open(self) -> None:
        await self.page.goto(self.link)

    async def sign_in(self, person: Person | None = None) -> None:
        """From our page through the tenant's: the login, and the consent to let the application enroll factors."""
        await self.desk.button("Sign in").click()
        await self.give_password(person or self.person)
        await self.consent("Accept")

    async def consent(self, answer: str) -> None:
        await self.page.get_by_role("button", name=answer).click()

    async def give_password(self, person: Person) -> None:
        await self.page.wait_for_url(re.compile(r"/u/"))
        await self.page.get_by_label("Email address").fill(person.email)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Continue").click()

    async def types_the_code(self) -> None:
        await self.desk.is_asked()
        await self.desk.field.fill((await self.desk.codes())[-1])


async def prepare(installation: Installation) -> None:
    """A tenant that lets users sign in without a factor, and sends them back to the gateway."""
    await installation.visitor.switch(mfa_required=False)
    client = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
    callbacks = [f"{installation.address}/login/callback"]
    await installation.visitor.control("POST", "clients", client | {"callbacks": callbacks})


async def lands(page: Page) -> dict[str, str]:
    """The browser is sent to the app; returns what the app is told."""
    await page.wait_for_url(re.compile(re.escape(APP)))
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


async def app(route: Route) -> None:
    await route.fulfill(body="<title>The app</title>", content_type="text/html")
