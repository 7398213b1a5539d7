"""Encryption of everything Temporal stores: payloads, names, and secrets sealed to a recipient.

Independent of Auth0, our contracts and the settings.
"""

from .codec import SealingCodec
from .errors import SealError, UnknownKeyError
from .keyring import Keyring, KeyringError, RingKey, parse_ring
from .keyring_source import KeyringSource, keyring_source_of
from .marking_codec import MarkingCodec, is_marked, refuse_marked
from .opaque_ids import opaque
from .payload_binding import Place, is_of_no_flow
from .recipient import RecipientError, new_recipient, open_sealed, public_of, seal

__all__ = [
    "Keyring",
    "KeyringError",
    "KeyringSource",
    "MarkingCodec",
    "Place",
    "RecipientError",
    "RingKey",
    "SealError",
    "SealingCodec",
    "UnknownKeyError",
    "is_marked",
    "is_of_no_flow",
    "keyring_source_of",
    "new_recipient",
    "opaque",
    "open_sealed",
    "parse_ring",
    "public_of",
    "refuse_marked",
    "seal",
]
