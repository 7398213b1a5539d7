"""Shows payloads to operators: opens them, hides what is secret, and notes who looked.

Knows the contracts and the sealing. Knows neither Auth0 nor the settings, and of Temporal only what a payload is.
"""

from .app import build
from .issuer_keys import IssuerKeys
from .readers import Readers, Role
from .redaction import Redaction
from .served import Served
from .shared_token import SharedToken
from .token_readers import Expected, TokenReaders

__all__ = [
    "Expected",
    "IssuerKeys",
    "Readers",
    "Redaction",
    "Role",
    "Served",
    "SharedToken",
    "TokenReaders",
    "build",
]
