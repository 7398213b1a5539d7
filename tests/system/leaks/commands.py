"""What is played by the command line, one process for each command, with what people mistype."""

from typing import Final

from emulator.tests.visitor import Person, bearer, other_than
from tests.command_line import Ran
from tests.system.leaks.play import Play
from tests.system.leaks.stack import API_KEYS, eventually

SHOWING: Final = {("api-keys", "new"), ("login",), ("open",), ("result", "--json"), ("result", "--show-secrets")}
"""Commands that are meant to write secrets to their standard output."""


def is_showing(arguments: tuple[str, ...]) -> bool:
    """Whether a command was asked for secrets."""
    return any(set(named) <= set(arguments) for named in SHOWING)


class Day:
    """One person, and the commands run for them."""

    def __init__(self, play: Play, person: Person) -> None:
        self.play, self.person = play, person
        self.settings = play.stack.settings | {"PHONE_MFA_PASSWORD": play.people.passwords[person.email]}

    async def run(self, *arguments: str, typed: str = "") -> Ran:
        return await self.play.stack.processes.run(*arguments, typed=typed, settings=self.settings)

    async def code(self, flow: str) -> str:
        await self.play.message(flow, 1)
        return await self.play.people.code(self.person.number)

    def key(self, name: str) -> str:
        return str(self.play.stack.processes.folder / name)


async def somebody_enrolls(play: Play) -> None:
    day = Day(play, await play.people.person())
    who = f"{day.person.email}\n{day.person.number}\n"
    flow = (await day.run("enroll", "--user", "-", "--login", "--json", typed=who)).json["flow_id"]
    code = await day.code(flow)
    await day.run("resend", flow)  # too early
    await day.run("submit-code", flow, typed=f"{code} x {code}")
    await day.run("submit-code", flow, "--json", typed=other_than(code))
    await day.run("status", flow)
    assert (await day.run("submit-code", flow, typed=code)).code == 0
    for options in ((), ("--json",), ("--show-secrets",)):
        await day.run("result", flow, *options)
    await day.run("submit-code", flow, "--json", typed=code)  # the flow is over
    await _somebody_is_challenged(day)


async def _somebody_is_challenged(day: Day) -> None:
    token = (await day.run("login", "--user", "-", typed=day.person.email)).out.strip()
    await day.run("authenticators", typed=token)
    await day.run("authenticators", "--json", typed=f"{token[:-1]}x")
    flow = (await day.run("challenge", "--user", "-", typed=f"{day.person.email}\n{token}\n")).out.strip()
    await day.play.message(flow, 1)
    await day.run("cancel", flow, "--reason", "the user left")
    await day.run("watch", flow, "--json")


async def somebody_is_a_recipient(play: Play) -> None:
    day = Day(play, await play.people.person())
    private, public = day.key("recipient.jwk"), day.key("recipient.pub.jwk")
    await day.run("keys", "recipient", private, "--public", public)
    await day.run("keys", "show")
    who = f"{day.person.email}\n{day.person.number}\n"
    mistaken = await day.run("enroll", "--user", "-", "--no-token", "--seal-to", private, typed=who)
    assert "must be a public key" in mistaken.err
    flow = (await day.run("enroll", "--user", "-", "--no-token", "--seal-to", public, typed=who)).out.strip()
    await day.run("renew-token", flow, "--login", "--user", "-", typed=day.person.email)
    await day.run("submit-code", flow, "--no-wait", typed=await day.code(flow))
    await day.run("watch", flow)
    for options in ((), ("--key", private), ("--key", private, "--json")):
        await day.run("result", flow, *options)
    for options in ((), ("--outcome", "enrolled", "--json")):
        await day.run("flows", *options)


async def somebody_loses_an_api_key(play: Play) -> None:
    day, gateway = Day(play, await play.people.person()), play.gateway
    keys = day.key(API_KEYS)
    key = (await day.run("api-keys", "new", "former", keys)).out.strip()
    gateway.secrets.token("API key", key)

    async def is_good() -> bool:
        return (await gateway.ask("GET", "/v1/flows", bearer(key))).is_success

    async def is_bad() -> bool:
        return not await is_good()

    await eventually(is_good)
    await day.run("api-keys", "show", keys)
    await day.run("api-keys", "revoke", "former", keys)
    await eventually(is_bad)
