"""Keys of recipients, from the files they are in. No sentence repeats anything that stands in one."""

import json
from pathlib import Path

from pydantic import ValidationError

from phone_mfa.contracts import RecipientKey, problem_with
from phone_mfa.encryption import RecipientError, open_sealed, public_of
from phone_mfa.key_files import KeyFileError, read, warn_if_others_read

from .errors import BadInputError


def recipient_key(path: Path, option: str) -> RecipientKey:
    """The public key in a file. Raises ``BadInputError``, also for a private one."""
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
    """The JWK in a file, of whatever key it is. Raises ``BadInputError``."""
    try:
        jwk = json.loads(read(path))
    except KeyFileError as error:
        raise BadInputError(f"{option}: {error}") from None
    except (ValueError, RecursionError):
        jwk = None
    if not isinstance(jwk, dict):
        raise BadInputError(f"{option} must be a file of a {kind} JWK.")
    if "naming_key" in jwk:
        raise BadInputError(f"{option}: This is a key ring, not a recipient's {kind} key.")
    if kind == "private" and "d" in jwk:
        warn_if_others_read(path)
    return jwk


def open_document(private_jwk: dict[str, object], sealed: str) -> object:
    """The JSON that was sealed to a recipient. Raises ``RecipientError``."""
    opened = open_sealed(private_jwk, sealed)
    try:
        return json.loads(opened)
    except (ValueError, RecursionError):
        raise RecipientError("This opens, but there is no JSON inside.") from None
