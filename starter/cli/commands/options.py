"""Arguments and options shared by several commands, and their validation."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from phone_mfa import client
from phone_mfa.contracts import Channel
from phone_mfa.contracts.start import LONGEST_FLOW_SECONDS
from starter.cli.errors import BadInputError
from starter.cli.prompts import USER, ask, text

_FLOW_ID = re.compile(r"(enroll|challenge)-[A-Za-z0-9_-]{1,200}", re.ASCII)
_SHORTEST_FLOW_SECONDS: Final = 60

START_PANEL: Final = "Start a flow"
MESSAGE_PANEL: Final = "Change a flow"
INSPECT_PANEL: Final = "Show flows"
SETUP_PANEL: Final = "Set up and try out"


def flow_id(value: str) -> str:
    """Validate a flow id as printed by ``enroll`` and ``challenge``."""
    if not _FLOW_ID.fullmatch(value):
        raise BadInputError("FLOW must be a flow id as listed by `phone-mfa flows`: enroll-... or challenge-...")
    return value


def user_name(value: str | None) -> str | None:
    """Validate a user name. ``-`` prompts for it, where user names must not appear in arguments."""
    if value == "-":
        return ask(USER).get_secret_value()
    return None if value is None else text("--user", value)


def flow_seconds(hours: float | None) -> dict[str, int]:
    """Return the request member that limits the flow's lifetime; empty for the default."""
    if hours is None:
        return {}
    # Also rejects "nan", which the parser's comparisons do not catch.
    if not _SHORTEST_FLOW_SECONDS <= hours * 3600 <= LONGEST_FLOW_SECONDS:
        raise BadInputError(f"--flow-hours must be between 0.02 (one minute) and {LONGEST_FLOW_SECONDS // 3600}.")
    return {"flow_seconds": round(hours * 3600)}


Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output, and errors as JSON too.")]

FlowId = Annotated[
    str, typer.Argument(metavar="FLOW", callback=flow_id, help="The flow id that enroll or challenge printed.")
]

User = Annotated[
    str,
    typer.Option(
        "--user",
        callback=user_name,
        help="Your id for the user, who has at most one flow of each kind. With --login: the e-mail address. "
        "With -, it is read first, from PHONE_MFA_USER, standard input or a prompt.",
    ),
]

UserToLogIn = Annotated[
    str | None,
    typer.Option(
        "--user",
        callback=user_name,
        help="The user's e-mail address; - prompts for it. With --browser, the login page suggests it.",
    ),
]

OptionalUser = Annotated[
    str | None,
    typer.Option("--user", callback=user_name, help="With --login: the user's e-mail address; - prompts for it."),
]

Phone = Annotated[
    str,
    typer.Option(help="The number, with + and country code or as dialed within --region; - reads or prompts for it."),
]

Region = Annotated[
    str | None,
    typer.Option(envvar="PHONE_MFA_REGION", help="Country of numbers without a country code, such as DE."),
]

OptionalChannel = Annotated[Channel | None, typer.Option(help="The channel for the code.")]

LogIn = Annotated[
    bool,
    typer.Option("--login", help="Ask for the password (PHONE_MFA_PASSWORD) and log the user in to get the token."),
]

Realm = Annotated[str | None, typer.Option(help="With --login: the connection the user is in.")]

MfaAudience = Annotated[
    bool,
    typer.Option("--mfa-audience", help="Log in for a token that may enroll another phone after verifying one."),
]

NoToken = Annotated[bool, typer.Option("--no-token", help="Start without a token; the flow waits for `renew-token`.")]

Invite = Annotated[
    bool,
    typer.Option("--invite", help="Print a link, by which the user signs in at Auth0 before anything is sent."),
]

LoginHint = Annotated[
    str | None,
    typer.Option(help="The name to fill in at Auth0's login page. Whoever opens the link sees it there."),
]

ReturnTo = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Where the page sends the user at the end; its origin is one of PHONE_MFA_GATEWAY_RETURN_ORIGINS.",
    ),
]

ReturnState = Annotated[
    str | None, typer.Option(metavar="TEXT", help="With --return-to: yours, added to it as `state`.")
]

FlowHours = Annotated[float | None, typer.Option(help="Lifetime of the flow in hours, 0.02 to 168.")]

VoiceAfter = Annotated[
    int | None,
    typer.Option(
        min=15, max=300, metavar="SECONDS", help="Call the phone if no code is entered this long after an SMS."
    ),
]

SealTo = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A public JWK from `phone-mfa keys recipient`: only its owner can read the tokens and the recovery code.",
    ),
]

OnConflict = Annotated[
    client.OnConflict,
    typer.Option(
        "--on-conflict",
        help="If the user's running flow was started with other values: refuse to start, or replace it.",
    ),
]

Wait = Annotated[
    bool, typer.Option("--wait", help="Follow the flow: show every change, take the code, exit with the outcome.")
]
