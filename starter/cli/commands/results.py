"""How a result is shown: what it holds, and what was sealed to the one who asks."""

from collections.abc import Mapping
from typing import Final

from phone_mfa.client.flows import Result
from phone_mfa.encryption import RecipientError
from starter.cli.recipient_keys import open_document

_HIDDEN: Final = "there is one; see it with --show-secrets"
_TOKENS: Final = ("access_token", "id_token", "refresh_token")


def opened_result(ended: Result, private_jwk: dict[str, object] | None) -> dict[str, object]:
    """What was sealed to the owner of the key, as one document. Raises ``RecipientError``."""
    opened: dict[str, object] = {}
    for sealed in ended.sealed if private_jwk else ():
        document = open_document(private_jwk or {}, sealed)
        if not isinstance(document, dict):
            raise RecipientError("This opens, but what is inside is no object.")
        opened |= document
    return opened


def result_rows(ended: Result, opened: Mapping[str, object], *, show_secrets: bool) -> dict[str, object]:
    """Names and values for people; secrets only when they are asked for."""
    shown: dict[str, object] = {
        "outcome": ended.outcome,
        "phone": ended.phone_number,
        "channel": ended.channel,
        "messages": ended.sends,
        "wrong codes": ended.wrong_codes,
        "note": ended.note,
    }
    if ended.sealed and not opened:
        shown["sealed"] = "to its recipient, who opens it with --key"
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
