"""Models of Auth0's answers, limited to the fields in use. Strict about types; unknown members are ignored.

Source of the shapes: Auth0 docs, "Multi-factor Authentication API", corrected by recorded answers.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

_Secret = Annotated[SecretStr, Field(min_length=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class Tokens(_Answer):
    """Tokens of a logged-in user. ``expires_in``: in seconds. ``scope``: separated by spaces."""

    access_token: _Secret
    token_type: str
    expires_in: Annotated[int, Field(ge=0)]
    scope: str = ""
    id_token: _Secret | None = None
    """Only if the scope includes ``openid``."""
    refresh_token: _Secret | None = None
    """Only if the scope includes ``offline_access``."""
    recovery_code: _Secret | None = None
    """Only after a recovery code was used: its replacement, returned once."""

    @property
    def may_enroll(self) -> bool:
        """Whether ``enroll`` was granted. Without a ``scope``, all that was asked for is (RFC 6749, section 5.1)."""
        return "scope" not in self.model_fields_set or "enroll" in self.scope.split()


class MfaRequired(_Answer):
    """The password is correct and another factor is required. The ``mfa_token`` is valid for 10 minutes."""

    mfa_token: _Secret


class Association(_Answer):
    """A new pending authenticator; a message is on its way to the phone."""

    oob_code: _Secret
    oob_channel: str
    binding_method: str | None = None
    """``prompt`` if the user must enter a code."""
    recovery_codes: tuple[_Secret, ...] = ()
    """One code on the user's very first association, whether or not it is confirmed; never again."""


class Authenticator(_Answer):
    """An authenticator of a user, active or pending. ``id``: such as ``sms|dev_klnv5yshzzoosSUm``."""

    id: Annotated[str, Field(min_length=1)]
    authenticator_type: str
    active: bool
    oob_channel: str | None = None
    """``sms``, ``voice``, ``email``, or ``auth0`` for push."""
    name: str | None = None
    """The phone number or e-mail address, masked by Auth0."""


class Challenge(_Answer):
    """A message on its way to an active authenticator."""

    oob_code: _Secret
    challenge_type: str
    binding_method: str | None = None
    """``prompt`` if the user must enter a code."""


class DeviceAuthorization(_Answer):
    """A login that waits for its user (RFC 8628, section 3.2). ``expires_in`` and ``interval``: in seconds."""

    device_code: _Secret
    user_code: Annotated[str, Field(min_length=1)]
    verification_uri: str
    verification_uri_complete: str | None = None
    expires_in: Annotated[int, Field(gt=0)]
    interval: Annotated[int, Field(gt=0)] = 5


class Discovery(_Answer):
    """Metadata of the tenant (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None = None
    jwks_uri: str | None = None
    mfa_challenge_endpoint: str | None = None
