"""JSON bodies checked against a model, for the two planes that say which field is wrong."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from .errors import RefusedError
from .wire import parse_json

Refuse = Callable[[str], RefusedError]


class Form(BaseModel):
    """A body whose members are all known and of exactly the right type."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


Filled = TypeVar("Filled", bound=BaseModel)
Made = TypeVar("Made")


async def read_form(request: Request, form: type[Filled], refuse: Refuse) -> Filled:
    """The body as a `form`, or the refusal made of one sentence that names the wrong field."""
    body = await read_object(request, refuse)
    return checked(lambda: form.model_validate(body), refuse)


async def read_object(request: Request, refuse: Refuse) -> dict[str, object]:
    """The body as a JSON object."""
    try:
        parsed = parse_json(await request.body())
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise refuse("The request body must be a JSON object.")
    return parsed


def checked(validate: Callable[[], Made], refuse: Refuse) -> Made:
    """What `validate` makes, or the refusal that says what is wrong with it."""
    try:
        return validate()
    except ValidationError as problems:
        first = problems.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "The request body"
    raise refuse(f"{field}: {first['msg'].removeprefix('Value error, ')}.")
