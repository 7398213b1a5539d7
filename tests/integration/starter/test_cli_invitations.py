"""Links for invited users, as an operator gets and revokes them at the command."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from phone_mfa.contracts import Phase
from phone_mfa.invitations import Invitations
from phone_mfa.return_address import ReturnAddress
from tests.command_line import CommandLine, Ran
from tests.integration.flows.stage import NUMBER, Stage
from tests.keys import KEYS, RING

GATEWAY, APP = "https://phone.example.com", "https://app.example.com"
ADA = ("--user", "auth0|ada", "--phone", NUMBER)
READER = Invitations(KEYS, GATEWAY, timedelta(days=7))


class Operator:
    """At a command whose links lead to a gateway."""

    def __init__(self, stage: Stage) -> None:
        target = stage.engine.client.service_client.config.target_host
        settings = {"TEMPORAL_ADDRESS": target, "PHONE_MFA_KEYS": RING.text(), "PHONE_MFA_TASK_QUEUE": stage.task_queue}
        ours = {"AUTH0_DOMAIN": f"{stage.task_queue}.example.com", "PHONE_MFA_GATEWAY_PUBLIC_URL": GATEWAY}
        self.command = CommandLine(settings | ours | {"PHONE_MFA_GATEWAY_RETURN_ORIGINS": APP})

    async def __call__(self, *arguments: str, **settings: str) -> Ran:
        return await asyncio.to_thread(self.command, *arguments, **settings)


@pytest.fixture
async def operator(stage: Stage) -> AsyncIterator[Operator]:
    async with stage.worker():
        yield Operator(stage)


def number_of(link: str) -> int:
    """Which of its flow's links it is."""
    return READER.read(link.removeprefix(f"{GATEWAY}/enroll#invitation=")).number


async def test_inviting_prints_the_flow_and_a_link_of_it(stage: Stage, operator: Operator) -> None:
    started = await operator("enroll", *ADA, "--invite")

    flow, link = started.out.split()
    invitation = READER.read(link.removeprefix(f"{GATEWAY}/enroll#invitation="))
    assert (started.code, invitation.flow_id, invitation.hint) == (0, flow, None)
    assert (await stage.phase(flow, Phase.WAITING_FOR_TOKEN)).invitation == invitation.number
    assert "Send the link to the user" in started.err
    assert "submit-code" not in started.err


async def test_a_reminder_is_another_link_and_revoking_ends_those_before(stage: Stage, operator: Operator) -> None:
    started = (await operator("enroll", *ADA, "--invite", "--json")).json
    flow = started["flow_id"]
    assert number_of(started["link"]) == number_of((await operator("link", flow)).out.strip())

    revoked = await operator("revoke-invitation", flow)

    assert (revoked.code, revoked.out) == (0, "The links issued so far no longer work.\n")
    anew = (await operator("link", flow, "--json")).json["link"]
    assert number_of(anew) > number_of(started["link"])


async def test_a_link_holds_the_name_that_auth0_is_to_fill_in(stage: Stage, operator: Operator) -> None:
    started = (await operator("enroll", *ADA, "--invite", "--login-hint", "ada@example.com", "--json")).json
    again = await operator("link", started["flow_id"], "--login-hint", "ada")

    links = (started["link"], again.out.strip())
    hints = [READER.read(link.removeprefix(f"{GATEWAY}/enroll#invitation=")).hint for link in links]
    assert hints == ["ada@example.com", "ada"]


async def test_a_link_holds_where_the_user_goes_at_the_end(stage: Stage, operator: Operator) -> None:
    back = ("--return-to", f"{APP}/done", "--return-state", "a b")
    started = (await operator("enroll", *ADA, "--invite", *back, "--json")).json
    again = await operator("link", started["flow_id"], *back)

    for link in (started["link"], again.out.strip()):
        invitation = READER.read(link.removeprefix(f"{GATEWAY}/enroll#invitation="))
        assert invitation.back == ReturnAddress(to=f"{APP}/done", state="a b")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--login-hint", "ada"), "need --invite"),
        (("--return-to", f"{APP}/done"), "need --invite"),
        (("--invite", "--return-to", f"{APP}.evil.example.com/"), "--return-to: its origin is not one of"),
        (("--invite", "--return-state", "a"), "--return-state needs --return-to"),
        (("--invite", "--return-to", f"{APP}/{'a' * 1000}"), "--return-to must have at most 1000 characters"),
        (("--invite", "--return-to", f"{APP}/", "--return-state", "é"), "printable ASCII"),
        (("--invite", "--login-hint", "a" * 255), "--login-hint: must have 1 to 254 bytes"),
        (("--invite", "--login-hint", "a\nb"), "--login-hint: must have 1 to 254 bytes"),
        (("--invite", "--no-token"), "--invite cannot be combined"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_before_anything_starts(
    operator: Operator, options: tuple[str, ...], said: str
) -> None:
    refused = await operator("enroll", *ADA, *options)

    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err


async def test_without_the_gateways_address_there_is_no_link_and_no_flow(operator: Operator) -> None:
    refused = await operator("enroll", *ADA, "--invite", PHONE_MFA_GATEWAY_PUBLIC_URL="")

    assert (refused.code, refused.out) == (2, "")
    assert "PHONE_MFA_GATEWAY_PUBLIC_URL is not set" in refused.err


@pytest.mark.parametrize("command", ["link", "revoke-invitation"])
async def test_a_flow_whose_user_was_not_invited_has_no_link(operator: Operator, command: str) -> None:
    flow = (await operator("enroll", *ADA, "--no-token")).out.strip()

    refused = await operator(command, flow)

    assert (refused.code, refused.out) == (1, "")
    assert "was not invited" in refused.err
