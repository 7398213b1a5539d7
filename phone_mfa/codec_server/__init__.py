"""Shows payloads to operators: opens them, hides what is secret, and notes who looked.

Knows the contracts and the sealing. Knows neither Auth0 nor the settings, and of Temporal only what a payload is.
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
