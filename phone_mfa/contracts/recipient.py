"""Who alone may read what a flow brings: the caller, by a public key. Refuses to know how anything is sealed."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .types import Contract

_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class RecipientKey(Contract):
    """A public JWK on P-256 (RFC 7517, RFC 7518 section 6.2), as `phone-mfa keys recipient` makes it.

    ``x``, ``y``: 32 bytes in base64url without padding. What else a JWK may say (``kid``, ``use``, ``alg``) is not
    looked at. A private key is refused: whoever sends it gives it away.
    """

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate

    @model_validator(mode="before")
    @classmethod
    def _public(cls, jwk: object) -> object:
        if isinstance(jwk, dict) and "d" in jwk:
            raise ValueError("must be a public key, and this is a private one: make a new pair")
        return jwk
