"""Recipient of a flow's secrets: the caller's public key. Contains no sealing code."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .types import Contract

_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class RecipientKey(Contract):
    """A public JWK on P-256 (RFC 7517, RFC 7518 section 6.2), as `phone-mfa keys recipient` makes it.

    ``x``, ``y``: 32 bytes in base64url without padding. Other members (``kid``, ``use``, ``alg``) are ignored. A
    private key is rejected with ``ValueError``, because sending it discloses it.
    """

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate

    @model_validator(mode="before")
    @classmethod
    def _public(cls, jwk: object) -> object:
        if isinstance(jwk, dict) and "d" in jwk:
            raise ValueError("must be a public key, but this is a private key: create a new pair")
        return jwk
