"""Delivers tokens and recovery codes: sealed to the recipient, to the flow, or not at all.

Tokens a flow does not need never leave this process, and only the recipient can read what is sealed here.
"""

import json
from typing import Final

import structlog
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from phone_mfa.contracts import RecipientKey, TokenSet, reveal
from phone_mfa.contracts.calls import CheckAnswer, EnrollToken, TokenUse
from phone_mfa.encryption import RecipientError, public_of, seal

ENROLL: Final = "enroll"
"""The scope with which an access token for the ``/mfa/`` audience may enroll another phone."""


class Recipient:
    """A recipient's public key. Raises a non-retryable ``ApplicationError`` if nothing can be sealed to it."""

    def __init__(self, key: RecipientKey) -> None:
        self._jwk = key.model_dump()
        try:
            public_of(self._jwk)
        except RecipientError as error:
            raise ApplicationError(str(error), type="BadInput", non_retryable=True) from None

    def seal(self, *, tokens: TokenSet | None = None, recovery_code: SecretStr | None = None) -> str | None:
        """Return a compact JWE of the JSON ``{"tokens", "recovery_code"}``; None if that is too long."""
        given = {
            "tokens": tokens and tokens.model_dump(mode="json", exclude_none=True),
            "recovery_code": recovery_code and reveal(recovery_code),
        }
        present = {name: value for name, value in given.items() if value is not None}
        try:
            return seal(self._jwk, json.dumps(present).encode())
        except RecipientError:
            structlog.get_logger("activities").warning("tokens.too_long_to_seal")
            return None


def recipient_of(key: RecipientKey | None) -> Recipient | None:
    """Return the recipient, if any. Call this before Auth0: after that, an unusable key can no longer be refused."""
    return Recipient(key) if key else None


def answer_to_accepted_code(
    tokens: TokenSet, recovery_code: SecretStr | None, use: TokenUse, recipient: Recipient | None
) -> CheckAnswer:
    """Return the answer to an accepted code."""
    if use is TokenUse.ENROLLS and tokens.allows(ENROLL):
        return CheckAnswer(enrolls=EnrollToken(token=tokens.access_token, expires_in=tokens.expires_in))
    if recipient:
        return _sealed(tokens, recovery_code, recipient)
    if use is TokenUse.KEPT:
        return CheckAnswer(tokens=tokens, recovery_code=recovery_code)
    return CheckAnswer()


def _sealed(tokens: TokenSet, recovery_code: SecretStr | None, recipient: Recipient) -> CheckAnswer:
    """Seal both in one JWE. If the tokens are too long, seal only the recovery code, which has no other copy."""
    if sealed := recipient.seal(tokens=tokens, recovery_code=recovery_code):
        return CheckAnswer(sealed=sealed)
    return CheckAnswer(sealed=recovery_code and recipient.seal(recovery_code=recovery_code), too_long=True)
