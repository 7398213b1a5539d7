"""Commands that message a running flow: codes, resends, fresh tokens and cancellation."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from phone_mfa.client.errors import EngineUnreachableError, NoWorkerError
from phone_mfa.client.flows import Flows, Started
from phone_mfa.contracts import (
    BindingCode,
    CancelFlow,
    Channel,
    CodeVerdict,
    Phase,
    ProvideMfaToken,
    RecoveryCode,
    SendReceipt,
    Verdict,
)
from phone_mfa.invitations import Link
from phone_mfa.settings import Auth0Settings
from starter.cli.connect import open_flows
from starter.cli.errors import BadInputError
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.cli.links import Links
from starter.cli.login import Login, log_in
from starter.cli.phone_numbers import phone_number
from starter.cli.prompts import CODE, MFA_TOKEN, PASSWORD, RECOVERY_CODE, ask, text
from starter.output import receipt_line, say, say_json, verdict_line

from . import options as o


def submit_code(
    flow_id: o.FlowId,
    recovery: Annotated[
        bool, typer.Option("--recovery", help="Submit the recovery code instead of the phone's; challenges only.")
    ] = False,
    message: Annotated[
        int | None,
        typer.Option(min=1, help="The number of the message with the code, as in `status`. Default: newest."),
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Submit the code without waiting for the verdict.")
    ] = False,
    submission_id: Annotated[
        str | None, typer.Option(help="Repeat a submission whose verdict was lost: same id, same verdict.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Submit the code from the phone and show the verdict.

    The code is read from PHONE_MFA_CODE (with --recovery: PHONE_MFA_RECOVERY_CODE), a line of standard input or a
    prompt, in that order. Exits with 0 if it is accepted, otherwise with 1.

    \b
    phone-mfa submit-code enroll-9f2c...
    echo 123456 | phone-mfa submit-code enroll-9f2c... --json
    phone-mfa submit-code challenge-41ab... --recovery
    """
    if recovery and (no_wait or message):
        raise BadInputError("--recovery cannot be combined with --no-wait or --message.")
    name = text("--submission-id", submission_id) if submission_id is not None else str(uuid.uuid4())
    code: BindingCode | RecoveryCode
    if recovery:
        code = RecoveryCode(recovery_code=ask(RECOVERY_CODE), submission_id=name)
    else:
        code = BindingCode(code=ask(CODE), message=message, submission_id=name)
    if code.problem:
        raise BadInputError(code.problem)
    if no_wait and isinstance(code, BindingCode):
        asyncio.run(
            _signal(lambda flows: flows.submit_binding_code(flow_id, code), flow_id, "submit_binding_code", as_json)
        )
    else:
        _print_verdict(flow_id, asyncio.run(_check(flow_id, code)), as_json)


async def _check(flow_id: str, code: BindingCode | RecoveryCode) -> CodeVerdict:
    flows = await open_flows()
    try:
        if isinstance(code, RecoveryCode):
            return await flows.check_recovery_code(flow_id, code)
        return await flows.check_binding_code(flow_id, code)
    except (NoWorkerError, EngineUnreachableError) as error:
        raise type(error)(f"{error} Repeat the same submission with --submission-id {code.submission_id}") from None


def _print_verdict(flow_id: str, verdict: CodeVerdict, as_json: bool) -> None:
    if as_json:
        say_json(verdict, flow_id=flow_id)
    else:
        say(verdict_line(verdict))
    if verdict.verdict is not Verdict.ACCEPTED:
        raise typer.Exit(OUTCOME_NOT_REACHED)


def resend(flow_id: o.FlowId, as_json: o.Json = False) -> None:
    """Send another code by the same channel.

    If it is too early, shows when to try again. Exits with 0 if a message is sent, otherwise with 1.

    \b
    phone-mfa resend enroll-9f2c...
    """
    _request_message(lambda flows: flows.resend(flow_id), flow_id, as_json)


def switch_channel(
    flow_id: o.FlowId,
    channel: Annotated[Channel, typer.Option(help="The channel for the next code.")],
    as_json: o.Json = False,
) -> None:
    """Send another code by another channel.

    If it is too early, shows when to try again. Exits with 0 if a message is sent, otherwise with 1.

    \b
    phone-mfa switch-channel enroll-9f2c... --channel voice
    """
    _request_message(lambda flows: flows.switch_channel(flow_id, channel), flow_id, as_json)


def change_number(flow_id: o.FlowId, phone: o.Phone = "-", region: o.Region = None, as_json: o.Json = False) -> None:
    """Enroll another number instead. Possible until a number is confirmed.

    \b
    phone-mfa change-number enroll-9f2c... --phone "0151 23456789" --region DE
    """
    number = phone_number(phone, region)
    _request_message(lambda flows: flows.change_number(flow_id, number), flow_id, as_json)


def renew_token(
    flow_id: o.FlowId,
    login: o.LogIn = False,
    user: o.OptionalUser = None,
    realm: o.Realm = None,
    mfa_audience: o.MfaAudience = False,
    as_json: o.Json = False,
) -> None:
    """Give a fresh mfa_token to a flow whose token has expired, and show the phase that follows.

    \b
    phone-mfa renew-token enroll-9f2c... --login --user ada@example.com
    phone-mfa login --user ada@example.com | phone-mfa renew-token enroll-9f2c...
    """
    if login != (user is not None):
        raise BadInputError("--login needs --user, and --user needs --login.")
    wanted = None
    if user is not None:
        Auth0Settings.read()  # fail before asking for a password
        wanted = Login(user, ask(PASSWORD), realm, mfa_audience)
    given = None if wanted else ProvideMfaToken(mfa_token=ask(MFA_TOKEN))
    asyncio.run(_renew(flow_id, wanted, given, as_json))


async def _renew(flow_id: str, login: Login | None, token: ProvideMfaToken | None, as_json: bool) -> None:
    flows = await open_flows()
    fresh = await log_in(Auth0Settings.read(), login) if login else token
    assert fresh is not None  # noqa: S101 - the caller gives one of the two
    phase = await flows.renew_token(flow_id, fresh)
    if as_json:
        say_json(flow_id=flow_id, phase=phase)
    else:
        say(f"The flow accepted the token: {phase}.")


def link(
    flow_id: o.FlowId,
    login_hint: o.LoginHint = None,
    return_to: o.ReturnTo = None,
    return_state: o.ReturnState = None,
    as_json: o.Json = False,
) -> None:
    """Print another link for the invited user of a flow; earlier ones stay good.

    Needs PHONE_MFA_GATEWAY_PUBLIC_URL, the gateway's address.

    \b
    phone-mfa link enroll-9f2c...
    """
    issued = asyncio.run(_issue(Links.read(login_hint, return_to, return_state), flow_id))
    if as_json:
        say_json(flow_id=flow_id, link=issued.url, link_expires_at=issued.expires_at)
    else:
        say(issued.url)


async def _issue(links: Links, flow_id: str) -> Link:
    flows = await open_flows()
    return await links.of(flows, Started(flow_id, await flows.newest_run(flow_id), attached=True))


def revoke_invitation(flow_id: o.FlowId, as_json: o.Json = False) -> None:
    """Make all links unusable that were issued for an invited user so far. Print a new one with `phone-mfa link`.

    \b
    phone-mfa revoke-invitation enroll-9f2c...
    """
    phase = asyncio.run(_revoke(flow_id))
    if as_json:
        say_json(flow_id=flow_id, phase=phase)
    else:
        say("The links issued so far no longer work.")


async def _revoke(flow_id: str) -> Phase:
    return await (await open_flows()).revoke_invitation(flow_id)


def cancel(
    flow_id: o.FlowId,
    reason: Annotated[str, typer.Option(help="Shown to operators; no personal data. At most 200 characters.")] = "",
    as_json: o.Json = False,
) -> None:
    """Cancel a flow. An unfinished enrollment is removed from Auth0 where possible.

    \b
    phone-mfa cancel enroll-9f2c... --reason "the user left"
    """
    wanted = CancelFlow(reason=text("--reason", reason) if reason else "")
    asyncio.run(_signal(lambda flows: flows.cancel(flow_id, wanted.reason), flow_id, "cancel_flow", as_json))


async def _signal(send: Callable[[Flows], Awaitable[None]], flow_id: str, name: str, as_json: bool) -> None:
    await send(await open_flows())
    if as_json:
        say_json(flow_id=flow_id, sent=name)
    else:
        say("Sent to the flow; see the effect with `phone-mfa status`.")


def _request_message(request: Callable[[Flows], Awaitable[SendReceipt]], flow_id: str, as_json: bool) -> None:
    receipt = asyncio.run(_receipt_of(request))
    if as_json:
        say_json(receipt, flow_id=flow_id)
    else:
        say(receipt_line(receipt))
    if not receipt.sent:
        raise typer.Exit(OUTCOME_NOT_REACHED)


async def _receipt_of(request: Callable[[Flows], Awaitable[SendReceipt]]) -> SendReceipt:
    return await request(await open_flows())
