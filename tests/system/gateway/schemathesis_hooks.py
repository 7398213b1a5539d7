"""What the gateway's document cannot say, told to Schemathesis."""

import uuid
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

from phone_mfa.encryption import new_recipient, public_of

KEY = "idempotency-key"
NUMBER = "(555) 555-0123"
RETURN = "https://app.example.com/done"
HINT = "ada@example.com"
RECIPIENT: dict[str, Any] = dict(public_of(new_recipient()))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """An idempotency key is good for one request only; few texts are numbers, addresses of an app,
    names to log in with, or pairs of coordinates on a curve; a flow with a token needs no link, and only a link holds a
    name."""
    if case.meta and not case.meta.generation.mode.is_positive:
        return
    if case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
    if isinstance(case.body, dict) and case.body.get("recipient"):
        case.body["recipient"] = RECIPIENT
    if isinstance(case.body, dict) and case.body.get("return_to"):
        case.body["return_to"] = RETURN
    if isinstance(case.body, dict) and case.body.get("invite"):
        case.body.pop("mfa_token", None)
    if isinstance(case.body, dict) and case.body.get("login_hint"):
        for_link = "phone_number" not in case.body or case.body.get("invite")
        case.body["login_hint"] = HINT if for_link else None
    if isinstance(case.body, dict) and "phone_number" in case.body:
        case.body.update(phone_number=NUMBER, region="US")
