"""``enroll`` and ``challenge``: start a user's flow, or attach to a running one."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import typer

from phone_mfa.client import OnConflict
from phone_mfa.client.flows import Flows, Started
from phone_mfa.contracts import Channel, FlowPolicy, ProvideMfaToken, StartChallenge, StartEnrollment, WhenEnrolled
from phone_mfa.invitations import Link
from phone_mfa.settings import Auth0Settings, TenantSettings
from starter.cli.connect import open_flows
from starter.cli.errors import BadInputError
from starter.cli.links import Links
from starter.cli.login import Login, log_in
from starter.cli.phone_numbers import phone_number
from starter.cli.prompts import MFA_TOKEN, PASSWORD, ask
from starter.cli.recipient_keys import recipient_key
from starter.cli.watch import InteractiveSession
from starter.output import say, say_json

from . import options as o
from .results import exit_by_outcome


@dataclass(frozen=True, slots=True)
class FlowStart:
    """A flow to start: its user, where its token comes from (a login, a given token, or none), and output options.

    ``on_conflict``: what becomes of the user's running flow if that was started differently. ``links``: for an invited
    user.
    """

    user: str
    login: Login | None
    token: ProvideMfaToken | None
    on_conflict: OnConflict
    wait: bool
    as_json: bool
    links: Links | None = None

    async def start(self, tenant: str, request: StartEnrollment | StartChallenge) -> None:
        """Log in if needed, start the flow, and follow it if requested."""
        flows = await open_flows(tenant)
        token = await log_in(Auth0Settings.read(), self.login) if self.login else self.token
        if token:
            update = {"mfa_token": token.mfa_token, "mfa_token_issued_at": token.issued_at}
            request = request.model_copy(update=update)
        if isinstance(request, StartEnrollment):
            started = await flows.enroll(self.user, request, on_conflict=self.on_conflict)
        else:
            started = await flows.challenge(self.user, request, on_conflict=self.on_conflict)
        link = await self.links.of(flows, started) if self.links else None
        self._print(started, link)
        if self.wait:
            flow = flows.in_run(started.run_id)
            view = await InteractiveSession(flow, started.flow_id, self.as_json).until_over()
            if view and view.outcome and view.outcome.reached:
                await self._print_secrets_hint(flow, started.flow_id)
            exit_by_outcome(view)

    async def _print_secrets_hint(self, flow: Flows, flow_id: str) -> None:
        """Print how to see the recovery code, or what was sealed, if the result has any: neither is shown here."""
        result = await flow.result(flow_id)
        if result.sealed:
            hint = f"Secrets were sealed to the recipient. Open them with `phone-mfa result {flow_id} --key FILE`."
        elif result.recovery_code:
            hint = f"Auth0 issued a recovery code. Show it with `phone-mfa result {flow_id} --show-secrets`."
        else:
            return
        typer.echo(hint, err=True)

    def _print(self, started: Started, link: Link | None) -> None:
        """Print only the flow id to standard output, for scripts, and hints to standard error."""
        if self.as_json:
            more = {"link": link.url, "link_expires_at": link.expires_at} if link else {}
            say_json(flow_id=started.flow_id, attached=started.attached, replaced=started.replaced, **more)
            return
        say(started.flow_id)
        if link:
            say(link.url)
        how = "Attached to a running flow." if started.attached else "Started."
        if started.replaced:
            how = "Started. The user's flow that was running has ended: this one replaced it."
        advice = " Continue with `phone-mfa watch` or `phone-mfa submit-code` and this flow id."
        if link:
            advice = " Send the link to the user, and follow the flow with `phone-mfa watch` and this flow id."
        typer.echo(how if self.wait else how + advice, err=True)


def enroll(
    user: o.User,
    phone: o.Phone = "-",
    region: o.Region = None,
    channel: Annotated[Channel, typer.Option(help="The channel for the code.")] = Channel.SMS,
    when_enrolled: Annotated[
        WhenEnrolled, typer.Option(help="If the user already has a phone: stop, or verify it and then enroll this one.")
    ] = WhenEnrolled.STOP,
    flow_hours: o.FlowHours = None,
    voice_after: o.VoiceAfter = None,
    login: o.LogIn = False,
    realm: o.Realm = None,
    no_token: o.NoToken = False,
    invite: o.Invite = False,
    login_hint: o.LoginHint = None,
    return_to: o.ReturnTo = None,
    return_state: o.ReturnState = None,
    seal_to: o.SealTo = None,
    on_conflict: o.OnConflict = OnConflict.REFUSE,
    wait: o.Wait = False,
    as_json: o.Json = False,
) -> None:
    """Enroll a user's phone as a second factor.

    Prints the flow id. If the user's enrollment already runs and was started with the same values, attaches to it. If
    it was started without a login, or with another one, a start with a login replaces it.
    The login's mfa_token is read from PHONE_MFA_TOKEN, a line of standard input or a prompt, in that order;
    with --login, it is obtained with the user's password; with --invite, the user signs in by the link that is printed,
    which needs PHONE_MFA_GATEWAY_PUBLIC_URL, the gateway's address.

    \b
    phone-mfa enroll --user "auth0|507f1f77bcf86cd799439011" --phone +15555550100 --invite
    phone-mfa enroll --user ada@example.com --phone "0151 23456789" --region DE --login --wait
    phone-mfa login --user ada@example.com | phone-mfa enroll --user ada@example.com --phone +15555550100
    phone-mfa enroll --user ada@example.com --phone +15555550100 --no-token --seal-to me.pub.jwk
    """
    number = phone_number(phone, region)
    request = StartEnrollment(
        phone_number=number,
        channel=channel,
        when_enrolled=when_enrolled,
        invited=invite,
        recipient=recipient_key(seal_to, "--seal-to") if seal_to else None,
        policy=FlowPolicy(voice_after_seconds=voice_after),
        **o.flow_seconds(flow_hours),
    )
    tenant = TenantSettings.read().base_url
    mfa_audience = when_enrolled is WhenEnrolled.CHALLENGE_FIRST
    if invite and (login or no_token):
        raise BadInputError("--invite cannot be combined with --login or --no-token.")
    if not invite and (login_hint or return_to or return_state):
        raise BadInputError("--login-hint, --return-to and --return-state need --invite: only a link holds them.")
    links = Links.read(login_hint, return_to, return_state) if invite else None
    token_from = _login_or_token(user, realm, login=login, no_token=no_token or invite, mfa_audience=mfa_audience)
    asyncio.run(FlowStart(user, *token_from, on_conflict, wait, as_json, links).start(tenant, request))


def challenge(
    user: o.User,
    channel: o.OptionalChannel = None,
    authenticator: Annotated[
        str | None, typer.Option(help="The phone's id from `phone-mfa authenticators`. Default: first active.")
    ] = None,
    flow_hours: o.FlowHours = None,
    voice_after: o.VoiceAfter = None,
    login: o.LogIn = False,
    realm: o.Realm = None,
    no_token: o.NoToken = False,
    seal_to: o.SealTo = None,
    on_conflict: o.OnConflict = OnConflict.REFUSE,
    wait: o.Wait = False,
    as_json: o.Json = False,
) -> None:
    """Verify that a user has the enrolled phone.

    Prints the flow id. Attaches to a running challenge of the user or replaces it, and reads the token, as enroll does.

    \b
    phone-mfa challenge --user ada@example.com --login --wait
    phone-mfa login --user ada@example.com | phone-mfa challenge --user ada@example.com --channel voice
    """
    request = StartChallenge(
        channel=channel,
        authenticator_id=authenticator,
        recipient=recipient_key(seal_to, "--seal-to") if seal_to else None,
        policy=FlowPolicy(voice_after_seconds=voice_after),
        **o.flow_seconds(flow_hours),
    )
    tenant = TenantSettings.read().base_url
    token_from = _login_or_token(user, realm, login=login, no_token=no_token, mfa_audience=False)
    asyncio.run(FlowStart(user, *token_from, on_conflict, wait, as_json).start(tenant, request))


def _login_or_token(
    user: str, realm: str | None, *, login: bool, no_token: bool, mfa_audience: bool
) -> tuple[Login | None, ProvideMfaToken | None]:
    if login and no_token:
        raise BadInputError("--login and --no-token cannot be combined.")
    if login:
        Auth0Settings.read()  # fail before asking for a password
        return Login(user, ask(PASSWORD), realm, mfa_audience), None
    return None, None if no_token else ProvideMfaToken(mfa_token=ask(MFA_TOKEN))
