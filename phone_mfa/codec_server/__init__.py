"""Codec server: opens payloads for operators, hides secrets, and logs who read them.

Uses the contracts and the encryption. Independent of Auth0 and of the settings; of Temporal it knows only payloads.
"""

from phone_mfa.jwks import IssuerKeys

from .app import build
from .auth import ReaderAuthenticator, Role
from .context import CodecContext
from .jwt_auth import ExpectedClaims, JwtAuthenticator
from .redaction import Redaction
from .shared_token import SharedTokenAuthenticator

__all__ = [
    "CodecContext",
    "ExpectedClaims",
    "IssuerKeys",
    "JwtAuthenticator",
    "ReaderAuthenticator",
    "Redaction",
    "Role",
    "SharedTokenAuthenticator",
    "build",
]
