"""Twenty people who were invited overnight, each with a browser of their own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from emulator.tests.visitor import Person
from tests.browser.gateway.invited import Invited, app, lands, prepare
from tests.system.gateway.installation import APP, Installation

PEOPLE = 20
AT_ONCE = 3
OTHER_ACCOUNT = "different account"


class Crowd:
    """The links of all, and what each does with one."""

    def __init__(self, installation: Installation, browser: Browser) -> None:
        self.installation, self.browser = installation, browser
        self.visitor, self.links = installation.visitor, dict[str, str]()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def invite(self, person: Person, invited: Invited) -> None:
        await invited.is_invited(person, return_to=f"{APP}/done", return_state=person.email)
        self.links[person.email] = invited.link

    async def comes(
        self, person: Person, does: Callable[[Invited], Awaitable[None]], link_of: Person | None = None
    ) -> dict[str, str]:
        """A person opens a link and does something; returns what the app is told at the end."""
        async with self._turns:
            context = await self.browser.new_context(locale="en-US")
            context.set_default_timeout(60_000)
            await context.route(f"{APP}/**", app)
            ours = Invited(self.installation, await context.new_page())
            ours.desk.person, ours.link = person, self.links[(link_of or person).email]
            await ours.open()
            await does(ours)
            landed = {} if link_of else await lands(ours.page)
            await context.close()
            return landed


async def enrolls(ours: Invited) -> None:
    await ours.sign_in()
    await ours.types_the_code()
    await saves_the_recovery_code(ours)


async def saves_the_recovery_code(ours: Invited) -> None:
    await ours.desk.sees("Save your recovery code")
    await ours.page.get_by_label("I have saved my recovery code").check()
    await ours.desk.button("Continue").click()


async def is_told_that_the_link_is_not_theirs(ours: Invited) -> None:
    await ours.sign_in()
    await expect(ours.page.locator("#login-error")).to_contain_text(OTHER_ACCOUNT, timeout=60_000)


async def opens_the_link_twice(ours: Invited) -> None:
    await ours.sign_in()
    await ours.desk.is_asked()
    await ours.page.goto("about:blank")
    await ours.open()
    await ours.types_the_code()
    await saves_the_recovery_code(ours)


async def signs_in_as_another_first(ours: Invited) -> None:
    await ours.sign_in(await ours.installation.visitor.person())
    await expect(ours.page.locator("#login-error")).to_contain_text(OTHER_ACCOUNT, timeout=60_000)
    await ours.desk.button("Sign in as someone else").click()
    await ours.give_password(ours.person)
    await ours.consent("Accept")
    await ours.types_the_code()
    await saves_the_recovery_code(ours)


async def proves_the_phone_there_is(ours: Invited) -> None:
    before = len(await ours.installation.visitor.messages(ours.person.number))
    await ours.desk.button("Sign in").click()
    await ours.give_password(ours.person)
    await ours.page.get_by_label("code").fill((await ours.desk.codes(at_least=before + 1))[-1])
    await ours.page.get_by_role("button", name="Continue").click()
    await ours.consent("Accept")
    await expect(ours.page.get_by_role("heading", level=1)).to_have_text("A phone is already set up", timeout=60_000)
    await ours.page.get_by_role("link", name="Sign in again").click()


@pytest.mark.timeout(300)
async def test_each_of_twenty_gets_what_is_theirs(
    invited: Invited, installation: Installation, browser: Browser
) -> None:
    """One opens somebody else's link, one theirs twice, one forwards it and uses it, one signs in as another first, and
    one has a phone."""
    crowd, visitor = Crowd(installation, browser), installation.visitor
    people = [await visitor.person() for _ in range(PEOPLE)]
    twice, forwards, other, has_a_phone, *rest = people
    await visitor.switch(mfa_required=True)
    await visitor.enroll(has_a_phone)
    await visitor.switch(mfa_required=False)
    for person in people:
        await crowd.invite(person, invited)
    friend, thief = await visitor.person(), await visitor.person()

    landed = await asyncio.gather(
        crowd.comes(friend, is_told_that_the_link_is_not_theirs, link_of=forwards),
        crowd.comes(thief, is_told_that_the_link_is_not_theirs, link_of=rest[0]),
        crowd.comes(has_a_phone, proves_the_phone_there_is),
        crowd.comes(twice, opens_the_link_twice),
        crowd.comes(other, signs_in_as_another_first),
        *(crowd.comes(person, enrolls) for person in (forwards, *rest)),
    )

    assert landed[:3] == [{}, {}, {"outcome": "already_enrolled", "state": has_a_phone.email}]
    expected = [person.email for person in (twice, other, forwards, *rest)]
    assert landed[3:] == [{"outcome": "enrolled", "state": email} for email in expected]
    assert [len(await visitor.messages(one.number)) for one in (friend, thief, *rest)] == [0, 0, *(1 for _ in rest)]


@pytest.fixture
async def invited(installation: Installation, browser: Browser) -> Invited:
    await prepare(installation)
    return Invited(installation, await browser.new_page())
