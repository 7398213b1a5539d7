"""Opens and redacts payloads for operators. A payload that does not open is replaced by a sentence.

One bad payload never affects the others.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import SealError, SealingCodec
from phone_mfa.encryption.codec import ENCODING
from phone_mfa.encryption.payload_binding import FLOW

from .metadata import METADATA, redact_metadata
from .redaction import Redaction
from .text_redaction import HIDDEN

_JSON: Final = b"json/plain"
_NULL: Final = b"binary/null"
_NOT_JSON: Final = "[hidden: not JSON]"
_TOO_MUCH: Final = "[hidden: too much for one request]"


@dataclass(frozen=True, slots=True)
class DecodedPayloads:
    """Payloads that may be shown.

    ``not_opened``: how many of them did not open. ``flows``: the flows they belong to, as sealed in them.
    """

    payloads: Sequence[Payload]
    not_opened: int
    flows: frozenset[str]


def open_and_redact(payloads: Sequence[Payload], codec: SealingCodec, redaction: Redaction) -> DecodedPayloads:
    """Open and redact each payload."""
    shown, not_opened, flows = [], 0, set()
    for payload in payloads:
        try:
            is_sealed = payload.metadata.get("encoding") == ENCODING
            opened = codec.opened(payload) if is_sealed else payload
            shown.append(_redacted(opened, redaction))
        except SealError as error:
            shown.append(_json(f"[not opened: {error.message.removesuffix('.')}]"))
            not_opened += 1
        else:
            if is_sealed:  # unsealed payloads may claim anything
                flows.add(opened.metadata.get(FLOW, b"").decode(errors="replace"))
    return DecodedPayloads(shown, not_opened, frozenset(flows - {""}))


def _redacted(payload: Payload, redaction: Redaction) -> Payload:
    encoding = payload.metadata.get("encoding")
    if encoding == _NULL:
        return Payload(metadata={"encoding": _NULL})
    if encoding == b"json/protobuf" and payload.metadata.get("messageType") == METADATA:
        return redact_metadata(payload.data, redaction) or _json(HIDDEN)
    if encoding != _JSON:
        return _json(_NOT_JSON)
    try:
        text = payload.data.decode()
        if not redaction.budget.spend_json(text):
            return _json(_TOO_MUCH)
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, an infinite number, nested too deep
        return _json(_NOT_JSON)
    return _json(redaction.of(value))


def _json(value: object) -> Payload:
    return Payload(metadata={"encoding": _JSON}, data=json.dumps(value).encode())


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
