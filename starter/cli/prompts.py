"""Gets secrets from people: the environment, else a line of standard input, else a prompt.

Refuses command line arguments, which every process list shows, and never repeats what it read.
"""

import os
import sys
from dataclasses import dataclass
from typing import Final

import typer
from pydantic import SecretStr

from .errors import BadInputError

LONGEST_LINE: Final = 16 * 1024
"""Several times the longest token Auth0 gives."""


@dataclass(frozen=True, slots=True)
class Question:
    """A secret a command needs.

    ``name`` is the field in sentences about it, ``prompt`` what a person is asked, ``variable`` where it may be set.
    ``hidden``: whether it stays unseen while it is typed.
    """

    name: str
    prompt: str
    variable: str | None = None
    hidden: bool = True


MFA_TOKEN: Final = Question("mfa_token", "mfa_token of the login", "PHONE_MFA_TOKEN")
PASSWORD: Final = Question("password", "Password", "PHONE_MFA_PASSWORD")
RECOVERY_CODE: Final = Question("recovery_code", "Recovery code", "PHONE_MFA_RECOVERY_CODE")
MANAGEMENT_TOKEN: Final = Question("management_token", "Management API token", "AUTH0_MANAGEMENT_TOKEN")
# Seen while typed: people compare it with the phone, and it is dead once it was used.
CODE: Final = Question("code", "Code from the phone", "PHONE_MFA_CODE", hidden=False)
PHONE: Final = Question("phone", "Phone number", hidden=False)
USER: Final = Question("user", "User", "PHONE_MFA_USER", hidden=False)


def ask(question: Question) -> SecretStr:
    """The answer to a question. Each question not answered by the environment takes one line of standard input.

    Raises:
        BadInputError: There is no answer, or it is no text.
        typer.Abort: The person gave up.
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
    """What the question's variable holds; an empty one holds nothing."""
    value = os.environ.get(question.variable, "") if question.variable else ""
    return SecretStr(text(question.variable or question.name, value)) if value else None


def text(name: str, value: str) -> str:
    """``value``, unless it is nothing or no text; ``name`` says what it is in the error."""
    if not value:
        raise BadInputError(f"{name} must not be empty.")
    if len(value) > LONGEST_LINE:
        raise BadInputError(f"{name} is too long.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInputError(f"{name} must be text in UTF-8.") from None
    return value


def _next_line(question: Question) -> str:
    try:
        line = sys.stdin.readline(LONGEST_LINE + 2).rstrip("\r\n") if sys.stdin else ""
    except UnicodeDecodeError:
        raise BadInputError(f"{question.name} must be text in UTF-8.") from None
    if not line:
        places = f"set {question.variable}, or pipe it in" if question.variable else "pipe it in"
        raise BadInputError(f"{question.name} is missing: {places}.")
    return line
