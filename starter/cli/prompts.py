"""Reads secrets from the environment, a line of standard input or a prompt, in that order.

Never from command-line arguments, which process lists show. Messages never contain what was read.
"""

import os
import sys
from dataclasses import dataclass
from typing import Final

import typer
from pydantic import SecretStr

from .errors import BadInputError

BYTE_ORDER_MARK: Final = "\ufeff"
"""Written by some shells at the start of what they pipe; not part of the text."""

LONGEST_LINE: Final = 16 * 1024
"""Several times the longest token Auth0 issues."""


@dataclass(frozen=True, slots=True)
class Question:
    """A secret a command needs.

    ``name`` is the field name in error messages, ``prompt`` the prompt, ``variable`` the environment variable.
    ``hidden``: whether typing is not echoed.
    """

    name: str
    prompt: str
    variable: str | None = None
    hidden: bool = True


MFA_TOKEN: Final = Question("mfa_token", "mfa_token of the login", "PHONE_MFA_TOKEN")
PASSWORD: Final = Question("password", "Password", "PHONE_MFA_PASSWORD")
RECOVERY_CODE: Final = Question("recovery_code", "Recovery code", "PHONE_MFA_RECOVERY_CODE")
MANAGEMENT_TOKEN: Final = Question("management_token", "Management API token", "AUTH0_MANAGEMENT_TOKEN")
# Echoed while typed: people compare it with the phone, and it is useless once used.
CODE: Final = Question("code", "Code from the phone", "PHONE_MFA_CODE", hidden=False)
PHONE: Final = Question("phone", "Phone number", hidden=False)
USER: Final = Question("user", "User", "PHONE_MFA_USER", hidden=False)


def ask(question: Question) -> SecretStr:
    """Return the answer to a question. Each question that the environment does not answer reads one line of input.

    Raises:
        BadInputError: The answer is missing, or not valid text.
        typer.Abort: The user aborted the prompt.
    """
    given = given_in_environment(question)
    if given is not None:
        return given
    if sys.stdin is not None and sys.stdin.isatty():
        answer = typer.prompt(question.prompt, hide_input=question.hidden, err=True)
    else:
        answer = _next_line(question)
    return SecretStr(text(question.name, str(answer)))


def given_in_environment(question: Question) -> SecretStr | None:
    """Return the value of the question's environment variable, or None if it is unset or empty."""
    value = os.environ.get(question.variable, "") if question.variable else ""
    return SecretStr(text(question.variable or question.name, value)) if value else None


def text(name: str, value: str) -> str:
    """Return ``value`` if it is non-empty valid text; ``name`` names it in the error."""
    if not value:
        raise BadInputError(f"{name} must not be empty.")
    if len(value) > LONGEST_LINE:
        raise BadInputError(f"{name} is too long.")
    if not {"\n", "\r", "\0"}.isdisjoint(value):
        raise BadInputError(f"{name} must not contain a line break.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInputError(f"{name} must be text in UTF-8.") from None
    return value


def _next_line(question: Question) -> str:
    try:
        line = sys.stdin.readline(LONGEST_LINE + 2).removeprefix("\ufeff").rstrip("\r\n") if sys.stdin else ""
    except UnicodeDecodeError:
        raise BadInputError(f"{question.name} must be text in UTF-8.") from None
    line = line.removeprefix(BYTE_ORDER_MARK)
    if not line:
        places = f"set {question.variable}, or pipe it in" if question.variable else "pipe it in"
        raise BadInputError(f"{question.name} is missing: {places}.")
    return line
