"""Maps exceptions to error messages and exit codes.

Covers every expected error of a command. Messages never contain typed values.
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
    CertificateExpiredError,
    CertificateNameError,
    CertificateUntrustedError,
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
from phone_mfa.client.errors import ConflictingStartError, EngineUnreachableError, FlowsError, NoWorkerError
from phone_mfa.contracts import problem_with
from phone_mfa.encryption import KeyringError, RecipientError
from phone_mfa.key_files import KeyFileError
from phone_mfa.search_attributes import SearchAttributesError
from phone_mfa.settings import SettingsError
from phone_mfa.temporal import TemporalSettingsError, TemporalUnreachableError
from starter.local import NoCodeError, StackError

from .errors import BadInputError, OutcomeNotReachedError

OUTCOME_NOT_REACHED: Final = 1
USAGE: Final = 2
NO_TEMPORAL: Final = 3
INTERRUPTED: Final = 130
"""The shells' convention for a process ended by SIGINT: 128 + 2."""

AUTH0_SENTENCES: Final[dict[type[Auth0Error], str]] = {
    **{cause: str(cause()) for cause in (CertificateUntrustedError, CertificateExpiredError, CertificateNameError)},
    NotReachedError: "Auth0 cannot be reached: check AUTH0_DOMAIN and the network, then try again.",
    AmbiguousError: "Auth0 returned no valid response: try again later.",
    RateLimitedError: "Auth0 received too many requests: try again later.",
    ClientRejectedError: "Auth0 does not accept our application: check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET "
    "(or AUTH0_PRIVATE_KEY_FILE) against the application's settings.",
    GrantNotAllowedError: "The application may not do this: enable the grant in its advanced settings, under Grant "
    "Types (Password to log in, MFA for everything else).",
    FactorDisabledError: "The phone factor or this channel is off: see `phone-mfa tenant check`.",
    TooManyAttemptsError: "Auth0 temporarily blocks logins of this user: too many failed attempts.",
    LoginRefusedError: "Auth0 does not accept the user or the password.",
    ManagementTokenRejectedError: "The Management API does not accept the token: check AUTH0_MANAGEMENT_TOKEN and its "
    "audience, and that it has not expired.",
    ManagementScopeError: "The Management API token lacks a scope: it needs read:clients, update:clients, "
    "read:guardian_factors and update:guardian_factors.",
}
"""Looked up along an error's class hierarchy, most specific class first. Other errors use their own message."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is reported: an error type for programs, a sentence for people and an exit code for the shell."""

    kind: str
    sentence: str
    exit_code: int


def failure_of(error: Exception) -> Failure | None:
    """Return the failure for an error, or None for an unexpected one, which keeps its traceback."""
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
        case TemporalUnreachableError() | EngineUnreachableError() | NoWorkerError():
            return Failure(kind, str(error), NO_TEMPORAL)
        case Auth0Error():
            return Failure(kind, auth0_sentence(error), OUTCOME_NOT_REACHED)
        case FlowsError() | OutcomeNotReachedError() | StackError() | NoCodeError():
            advice = " To end it and start this one: --on-conflict replace." * isinstance(error, ConflictingStartError)
            return Failure(kind, f"{error}{advice}", OUTCOME_NOT_REACHED)
        case _:
            return None


def auth0_sentence(error: Auth0Error) -> str:
    """Return what to do about an Auth0 error."""
    for cause in type(error).__mro__:
        if sentence := AUTH0_SENTENCES.get(cause):
            return sentence
    return str(error)


def _usage_sentence(error: typer.TyperException) -> str:
    """Return the parser's own message, unless it would repeat a typed value."""
    where = getattr(getattr(error, "ctx", None), "command_path", "phone-mfa")
    see = f" See `{where} --help`."
    if isinstance(error, typer.BadParameter) and error.message:
        return _bad_value(error) + see
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        return f"There is an extra argument; secrets are never passed as arguments.{see}"
    if message.startswith("No such command"):
        meant = re.findall(r" Did you mean .*\?$", message)  # the parser's suggestion, of commands there are
        return f"No such command.{''.join(meant)}{see}"
    if message.startswith("No such option") and not re.match(r"No such option: --?[a-z][a-z-]*( |$)", message):
        return f"No such option.{see}"
    return " ".join(message.split()).rstrip(".") + f".{see}"


def _bad_value(error: typer.BadParameter) -> str:
    if error.param is None:
        return "An option has an invalid value."
    name = error.param.opts[-1] if error.param.param_type_name == "option" else error.param.display_name_raw
    if error.message.startswith("Input should be "):
        return f"{name} must be {error.message.removeprefix('Input should be ').partition(',')[0]}."
    kind = error.param.display_type(error.ctx).strip("<>") if error.ctx else "something else"
    return f"{name} must be {kind.replace('|', ' or ')}."
