"""Reads recipients' keys from files. Error messages never contain anything from a key file."""

import json
from pathlib import Path

from pydantic import ValidationError

from phone_mfa.contracts import RecipientKey, problem_with
from phone_mfa.encryption import RecipientError, open_sealed, public_of
from phone_mfa.key_files import KeyFileError, read, warn_if_others_read

from .errors import BadInputError


def recipient_key(path: Path, option: str) -> RecipientKey:
    """Return the public key in a file. Raises ``BadInputError``, also if the key is private."""
    jwk = read_jwk(path, option, "public")
    try:
        key = RecipientKey.model_validate(jwk)
        public_of(jwk)
    except ValidationError as error:
        raise BadInputError(f"{option}: {problem_with('the key', error)}") from None
    except RecipientError as error:
        raise BadInputError(f"{option}: {error}") from None
    return key


def read_jwk(path: Path, option: str, kind: str) -> dict[str, object]:
    """Return the JWK in a file, public or private. Raises ``BadInputError``."""
    try:
        jwk = json.loads(read(path))
    except KeyFileError as error:
        raise BadInputError(f"{option}: {error}") from None
    except (ValueError, RecursionError):
        jwk = None
    if not isinstance(jwk, dict):
        raise BadInputError(f"{option} must be a file that contains a {kind} JWK.")
    if "naming_key" in jwk:
        raise BadInputError(f"{option}: this is a key ring, not a recipient's {kind} key.")
    if kind == "private" and "d" in jwk:
        warn_if_others_read(path)
    return jwk


def open_document(private_jwk: dict[str, object], sealed: str) -> object:
    """Return the JSON that was sealed to a recipient. Raises ``RecipientError``."""
    opened = open_sealed(private_jwk, sealed)
    try:
        return json.loads(opened)
    except (ValueError, RecursionError):
        raise RecipientError("The key opens this, but the content is not JSON.") from None
