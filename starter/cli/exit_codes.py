"""What became of a command that did not succeed: the one table from exceptions to sentences and exit codes.

Knows every error the command may meet. Refuses to repeat a value that was typed.
"""

import re
from dataclasses import dataclass
from typing import Final

import typer
from pydantic import ValidationError

from phone_mfa.api_keys import ApiKeysError
from phone_mfa.auth0 import (
    AmbiguousError,
    Auth0Error,
    ClientRejectedError,
    FactorDisabledError,
    GrantNotAllowedError,
    LoginRefusedError,
    ManagementScopeError,
    ManagementTokenRejectedError,
    NotReachedError,
    RateLimitedError,
    TooManyAttemptsError,
)
from phone_mfa.client.errors import EngineUnreachableError, FlowsError, NobodyWorksError
from phone_mfa.contracts import problem_with
from phone_mfa.encryption import KeyringError, RecipientError
from phone_mfa.key_files import KeyFileError
from phone_mfa.search_attributes import SearchAttributesError
from phone_mfa.settings import SettingsError
from phone_mfa.temporal import TemporalSettingsError, TemporalUnreachableError
from starter.local import NoCodeError, StackError

from .errors import BadInputError, NotReachedOutcomeError

NOT_REACHED: Final = 1
USAGE: Final = 2
NO_TEMPORAL: Final = 3
INTERRUPTED: Final = 130
"""As shells say of a process that SIGINT ended: 128 + 2."""

AUTH0_SENTENCES: Final[dict[type[Auth0Error], str]] = {
    NotReachedError: "Auth0 cannot be reached: check AUTH0_DOMAIN and the network, then ask again.",
    AmbiguousError: "Auth0 gives no proper answer: ask again in a while.",
    RateLimitedError: "Auth0 received too many requests: ask again in a while.",
    ClientRejectedError: "Auth0 does not accept our application: check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET "
    "(or AUTH0_PRIVATE_KEY_FILE) against the application's settings.",
    GrantNotAllowedError: "The application may not do this: turn the grant on in its advanced settings, under Grant "
    "Types (Password to log in, MFA for everything else).",
    FactorDisabledError: "The phone factor or this channel is off: see `phone-mfa tenant check`.",
    TooManyAttemptsError: "Auth0 blocks further logins of this user for now: too many failed.",
    LoginRefusedError: "Auth0 does not accept the user or the password.",
    ManagementTokenRejectedError: "The Management API does not accept the token: check AUTH0_MANAGEMENT_TOKEN and its "
    "audience, and that it is not expired.",
    ManagementScopeError: "The Management API token lacks a permission: it needs read:clients, update:clients, "
    "read:guardian_factors and update:guardian_factors.",
}
"""The first that fits an error wins, from its own class upwards. Others say what they are by themselves."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person, a program and a shell are told."""

    kind: str
    sentence: str
    exit_code: int


def failure_of(error: Exception) -> Failure | None:
    """What an error means; None for a defect, which deserves its traceback."""
    kind = type(error).__name__
    match error:
        case typer.TyperException():
            return Failure("UsageError", _usage_sentence(error), USAGE)
        case ValidationError():
            return Failure("BadInputError", problem_with("input", error), USAGE)
        case BadInputError() | SettingsError() | TemporalSettingsError() | SearchAttributesError():
            return Failure(kind, str(error), USAGE)
        case KeyFileError() | KeyringError() | RecipientError() | ApiKeysError():
            return Failure(kind, str(error), USAGE)
        case TemporalUnreachableError() | EngineUnreachableError() | NobodyWorksError():
            return Failure(kind, str(error), NO_TEMPORAL)
        case Auth0Error():
            return Failure(kind, auth0_sentence(error), NOT_REACHED)
        case FlowsError() | NotReachedOutcomeError() | StackError() | NoCodeError():
            return Failure(kind, str(error), NOT_REACHED)
        case _:
            return None


def auth0_sentence(error: Auth0Error) -> str:
    """What to do about an error of Auth0."""
    for cause in type(error).__mro__:
        if sentence := AUTH0_SENTENCES.get(cause):
            return sentence
    return str(error)


def _usage_sentence(error: typer.TyperException) -> str:
    """The command line parser's own sentence, unless it would repeat what was typed."""
    where = getattr(getattr(error, "ctx", None), "command_path", "phone-mfa")
    see = f" See `{where} --help`."
    if isinstance(error, typer.BadParameter) and error.message:
        return _bad_value(error) + see
    said = error.format_message()
    if said.startswith("Got unexpected extra argument"):
        return f"There is an argument too many; secrets are never arguments.{see}"
    if said.startswith("No such command"):
        return f"There is no such command.{see}"
    if said.startswith("No such option") and not re.match(r"No such option: --?[a-z][a-z-]*( |$)", said):
        return f"There is no such option.{see}"
    return " ".join(said.split()).rstrip(".") + f".{see}"


def _bad_value(error: typer.BadParameter) -> str:
    if error.param is None:
        return "An option has a value it cannot have."
    name = error.param.opts[-1] if error.param.param_type_name == "option" else error.param.display_name_raw
    if error.message.startswith("Input should be "):
        return f"{name} must be {error.message.removeprefix('Input should be ').partition(',')[0]}."
    kind = error.param.display_type(error.ctx).strip("<>") if error.ctx else "something else"
    return f"{name} must be {kind.replace('|', ' or ')}."
