"""Refuses numbers that no messages are sent to, before a flow learns of them."""

from pydantic import SecretStr
from starlette.requests import Request

from phone_mfa.number_rule import NumberNotAllowedError

from .context import context_of
from .problems import ProblemError


def refuse_number(request: Request, number: SecretStr) -> None:
    """Raise ``ProblemError`` unless messages may go to a number in E.164."""
    try:
        context_of(request).number_rule.refuse_unless_allowed(number)
    except NumberNotAllowedError as error:
        raise ProblemError("number-not-allowed", f"phone_number {error}.", "phone_number") from None
