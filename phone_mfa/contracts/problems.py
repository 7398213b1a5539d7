"""What is wrong with a value that does not fit its contract, in one sentence without the value."""

from pydantic import ValidationError


def problem_with(whole: str, error: ValidationError) -> str:
    """The first thing wrong, naming the field; ``whole`` names the value when no field of it is to blame."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or whole
    return f"{field}: {first['msg'].removeprefix('Value error, ')}."
