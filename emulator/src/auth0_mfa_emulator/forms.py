"""Validation of JSON bodies, for the two APIs that report which field is wrong."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from .wire import parse_json

Refuse = Callable[[str], Exception]


class Form(BaseModel):
    """A body with known members only, each of exactly the right type."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


Filled = TypeVar("Filled", bound=BaseModel)
Made = TypeVar("Made")


async def read_form(request: Request, form: type[Filled], refuse: Refuse) -> Filled:
    """Returns the body as a `form`. Raises the error built from one sentence that names the wrong field."""
    body = await read_object(request, refuse)
    return checked(lambda: form.model_validate(body), refuse)


async def read_object(request: Request, refuse: Refuse) -> dict[str, object]:
    """Returns the body as a JSON object."""
    try:
        parsed = parse_json(await request.body())
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise refuse("The request body must be a JSON object.")
    return parsed


def checked(validate: Callable[[], Made], refuse: Refuse) -> Made:
    """Returns the result of `validate`. Raises the error that describes what is wrong."""
    try:
        return validate()
    except ValidationError as problems:
        first = problems.errors(include_url=False, include_input=False)[0]
    field = ".".join(_name(part) for part in first["loc"]) or "The request body"
    raise refuse(f"{field}: {first['msg'].removeprefix('Value error, ')}.")


def _name(part: int | str) -> str:
    """Returns the name of a member, on one line whatever it is."""
    text = str(part)
    return text if text.isprintable() else ascii(text)
