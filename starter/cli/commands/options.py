"""Arguments and options that several commands share, and what makes them acceptable."""

import re
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Final

import typer

from phone_mfa.contracts import Channel
from phone_mfa.contracts.enrollment import LONGEST_FLOW_SECONDS
from starter.cli.errors import BadInputError
from starter.cli.prompts import USER, ask, text

_FLOW_ID = re.compile(r"(enroll|challenge)-[A-Za-z0-9_-]{1,200}", re.ASCII)
_SHORTEST_FLOW_SECONDS: Final = 60

GETTING_IN: Final = "Start a flow"
TALKING: Final = "Talk to a flow"
LOOKING: Final = "Look at flows"
PREPARING: Final = "Prepare"


def flow_id(value: str) -> str:
    """A flow id as ``enroll`` and ``challenge`` print it."""
    if not _FLOW_ID.fullmatch(value):
        raise BadInputError("FLOW must be a flow id as `phone-mfa flows` lists it: enroll-... or challenge-...")
    return value


def user_name(value: str | None) -> str | None:
    """A user, by any name; nothing but text. For who must not name users in arguments, ``-`` asks."""
    if value == "-":
        return ask(USER).get_secret_value()
    return None if value is None else text("--user", value)


def flow_seconds(hours: float | None) -> dict[str, int]:
    """The member of a request that bounds the flow; none leaves the default."""
    if hours is None:
        return {}
    # Also refuses "nan", which no comparison of the parser catches.
    if not _SHORTEST_FLOW_SECONDS <= hours * 3600 <= LONGEST_FLOW_SECONDS:
        raise BadInputError(f"--flow-hours must be from one minute (0.02) to {LONGEST_FLOW_SECONDS // 3600} hours.")
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
        help="Your name for the user, who has one flow of a kind at a time. With --login: the e-mail address. "
        "- takes it from PHONE_MFA_USER, or asks for it, or reads it, before all else.",
    ),
]

LoginUser = Annotated[str, typer.Option("--user", callback=user_name, help="The user's e-mail address; - asks for it.")]

OptionalUser = Annotated[
    str | None,
    typer.Option("--user", callback=user_name, help="With --login: the user's e-mail address; - asks for it."),
]

Phone = Annotated[
    str,
    typer.Option(help="The number, with + and country code or as dialled within --region; - asks for it, or reads it."),
]

Region = Annotated[
    str | None,
    typer.Option(envvar="PHONE_MFA_REGION", help="Country of numbers without a country code, such as DE."),
]

WishedChannel = Annotated[Channel | None, typer.Option(help="How the code shall reach the phone.")]

LogIn = Annotated[
    bool, typer.Option("--login", help="Ask for the password (PHONE_MFA_PASSWORD) and log the user in for the token.")
]

Realm = Annotated[str | None, typer.Option(help="With --login: the connection the user is in.")]

MfaAudience = Annotated[
    bool,
    typer.Option("--mfa-audience", help="Log in for a token that may enroll a further phone once one was proved."),
]

NoToken = Annotated[bool, typer.Option("--no-token", help="Start without a token: the flow waits for `renew-token`.")]

FlowHours = Annotated[float | None, typer.Option(help="How long the whole flow may take, 0.02 to 168 hours.")]

VoiceAfter = Annotated[
    int | None,
    typer.Option(min=15, max=300, metavar="SECONDS", help="Call the phone when an SMS brought no code for this long."),
]

SealTo = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A public JWK, as `phone-mfa keys recipient` makes it: tokens and recovery code are for its owner alone.",
    ),
]

Wait = Annotated[bool, typer.Option("--wait", help="Stay: show every change, take the code, end with the outcome.")]


def help_of(command: Callable[..., None]) -> str:
    """A command's docstring, each paragraph in one line for any width of terminal; the examples stay as they are."""
    paragraphs = cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(part if part.startswith("\b") else part.replace("\n", " ") for part in paragraphs)
