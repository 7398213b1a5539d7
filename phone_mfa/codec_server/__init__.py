"""Codec server: opens payloads for operators, hides secrets, and logs who read them.

Uses the contracts and the encryption. Independent of Auth0, the settings, and all of Temporal but payloads.
"""

from .app import build
from .auth import Readers, Role
from .context import CodecContext
from .jwks import IssuerKeys
from .jwt_auth import Expected, TokenReaders
from .redaction import Redaction
from .shared_token import SharedToken

__all__ = [
    "CodecContext",
    "Expected",
    "IssuerKeys",
    "Readers",
    "Redaction",
    "Role",
    "SharedToken",
    "TokenReaders",
    "build",
]
