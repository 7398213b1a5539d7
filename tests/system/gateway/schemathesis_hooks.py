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
    """An idempotency key is good for one request only."""
    if case.meta and not case.meta.generation.mode.is_positive:
        return
    if case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
    if isinstance(case.body, dict):
        fit(case.body)


def fit(body: dict[str, Any]) -> None:
    """Few texts are numbers, addresses of an app, names to log in with, or pairs of coordinates on a curve.

    A flow with a token needs no link, only a link holds a name, and a state goes with an address.
    """
    if body.get("recipient"):
        body["recipient"] = RECIPIENT
    if body.get("return_to"):
        body["return_to"] = RETURN
    else:
        body.pop("return_state", None)
    if body.get("invite"):
        body.pop("mfa_token", None)
    if body.get("login_hint"):
        for_link = "phone_number" not in body or body.get("invite")
        body["login_hint"] = HINT if for_link else None
    if "phone_number" in body:
        body.update(phone_number=NUMBER, region="US")
