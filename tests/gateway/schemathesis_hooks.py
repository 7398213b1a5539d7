"""What the gateway's document cannot say, told to Schemathesis."""

import uuid
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

KEY = "idempotency-key"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """An idempotency key is good for one request only."""
    is_good = case.meta is None or case.meta.generation.mode.is_positive
    if is_good and case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
