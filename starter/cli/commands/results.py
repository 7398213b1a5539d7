"""Results of flows: formatted, with what was sealed to the caller, and as exit codes."""

from collections.abc import Mapping
from typing import Final

import typer

from phone_mfa.client.flows import Result
from phone_mfa.contracts import EnrollmentResult, FlowView
from phone_mfa.encryption import RecipientError
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.cli.recipient_keys import open_document

_HIDDEN: Final = "hidden; use --show-secrets to see it"
_TOKENS: Final = ("access_token", "id_token", "refresh_token")


def opened_result(ended: Result, private_jwk: dict[str, object] | None) -> dict[str, object]:
    """Return everything sealed to the key's owner as one document. Raises ``RecipientError``."""
    opened: dict[str, object] = {}
    for sealed in ended.sealed if private_jwk else ():
        document = open_document(private_jwk or {}, sealed)
        if not isinstance(document, dict):
            raise RecipientError("The key opens this, but the content is not a JSON object.")
        opened |= document
    return opened


def result_rows(ended: Result, opened: Mapping[str, object], *, show_secrets: bool) -> dict[str, object]:
    """Return human-readable names and values, with secrets only on request."""
    shown: dict[str, object] = {
        "outcome": ended.outcome,
        "phone": ended.phone_number,
        "enrolled phone": ended.enrolled_phone if isinstance(ended, EnrollmentResult) else "",
        "channel": ended.channel,
        "messages": ended.sends,
        "wrong codes": ended.wrong_codes,
        "note": ended.note,
    }
    if ended.sealed and not opened:
        shown["sealed"] = "to its recipient, who can open it with --key"
    for name, secret in _secrets(ended, opened).items():
        shown[name.replace("_", " ")] = secret if show_secrets else _HIDDEN
    return shown


def _secrets(ended: Result, opened: Mapping[str, object]) -> dict[str, object]:
    document = ended.model_dump(mode="json") | dict(opened)
    tokens = document.get("tokens")
    found = {"recovery_code": document["recovery_code"]}
    if isinstance(tokens, dict):
        found |= {name: tokens.get(name) for name in _TOKENS}
    return {name: secret for name, secret in found.items() if secret is not None}


def exit_by_outcome(view: FlowView | None) -> None:
    """Return if the phone was verified, otherwise exit with 1."""
    if view is None or view.outcome is None or not view.outcome.reached:
        raise typer.Exit(OUTCOME_NOT_REACHED)
