"""Why the command refused or did not reach what was asked. Sentences for people; none repeats a value."""

from pydantic import ValidationError


class BadInputError(Exception):
    """What was typed, piped in or set cannot be used; the sentence names the field."""


class NotReachedOutcomeError(Exception):
    """Everything answered, and what was asked for did not come about."""


def input_sentence(error: ValidationError) -> str:
    """The first thing wrong with a request, naming the field."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "input"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}."
