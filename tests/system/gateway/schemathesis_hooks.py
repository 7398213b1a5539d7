"""What the gateway's document cannot say, told to Schemathesis."""

import uuid
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

from phone_mfa.encryption import new_recipient, public_of

KEY = "idempotency-key"
NUMBER = "(555) 555-0123"
RECIPIENT: dict[str, Any] = dict(public_of(new_recipient()))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """An idempotency key is good for one request only; few texts are numbers, or pairs of coordinates on a curve."""
    if case.meta and not case.meta.generation.mode.is_positive:
        return
    if case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
    if isinstance(case.body, dict) and case.body.get("recipient"):
        case.body["recipient"] = RECIPIENT
    if isinstance(case.body, dict) and "phone_number" in case.body:
        case.body.update(phone_number=NUMBER, region="US")
