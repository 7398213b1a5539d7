"""Error messages for values that do not match their contract: one sentence, without the value."""

from pydantic import ValidationError


def problem_with(whole: str, error: ValidationError) -> str:
    """Describes the first problem and names the field; ``whole`` names the value if no single field is at fault."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or whole
    return f"{field}: {first['msg'].removeprefix('Value error, ')}."
