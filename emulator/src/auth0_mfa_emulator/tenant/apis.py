"""The product's own APIs, the audiences of access tokens (Auth0 docs, APIs)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Scope = Annotated[str, Field(pattern=r"\A[!#-\[\]-~]+\z", max_length=280)]
"""One scope, as RFC 6749 spells it."""


class Api(BaseModel):
    """An API. `identifier` is the audience, compared exactly.

    `skip_consent` lets first-party applications with a verifiable callback skip consent, and `allow_offline_access`
    lets logins for this API ask for a refresh token.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    identifier: str = Field(min_length=1, max_length=600)
    scopes: Annotated[list[Scope], Field(max_length=1000)] = []
    skip_consent: bool = True
    allow_offline_access: bool = True
