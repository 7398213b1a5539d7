"""Key ring: the keys that payloads are sealed with, as one immutable value, and its parser.

The text is JSON: ``version`` (2), ``ring`` (the ring's id), ``current`` (a key's id), ``keys`` (``id``, ``created``,
``key``, ``flow_tokens``) and ``naming_key``. Keys are 32 bytes in base64url. Error messages about an invalid ring never
quote its contents.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, StrictBool, ValidationError

KEY_BYTES: Final = 32
"""Length of an AES-256 key in bytes; the naming key has the same length."""

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
_OTHER_VERSION: Final = (
    "The key ring is not of version 2. To keep the keys of a file of version 1, set its version to 2 and add an id of "
    'the ring, such as "ring": "main".'
)

_KeyText = Annotated[SecretStr, Field(min_length=43, max_length=44)]  # 32 bytes in base64, with or without padding


class KeyringError(Exception):
    """The key ring cannot be used. The message is one sentence without any key."""


@dataclass(frozen=True, slots=True)
class RingKey:
    """An AES-256 key. ``created``: creation time, with a time zone.

    ``flow_tokens``: whether the gateway accepts flow tokens signed with what is derived from it.
    """

    id: str
    created: datetime
    key: bytes = field(repr=False)
    flow_tokens: bool = True

    @property
    def created_text(self) -> str:
        """Creation time in UTC, in RFC 3339 format."""
        return f"{self.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Seal with the ``current`` key, open with any of ``keys``. ``naming_key`` makes names opaque.

    ``id``: the same for as long as the ring exists, whichever keys it has.
    """

    id: str
    current: str
    keys: Mapping[str, RingKey]
    naming_key: bytes

    def __repr__(self) -> str:
        return f"Keyring(id={self.id!r}, current={self.current!r}, keys={sorted(self.keys)!r})"

    def text(self) -> str:
        """Returns the ring as JSON text for ``parse_ring``. It contains the keys: for a file of mode 0600 only."""
        keys = [
            {"id": k.id, "created": k.created_text, "key": _encoded(k.key), "flow_tokens": k.flow_tokens}
            for k in self.keys.values()
        ]
        ring = {"version": 2, "ring": self.id, "current": self.current, "keys": keys}
        return json.dumps(ring | {"naming_key": _encoded(self.naming_key)}, indent=2) + "\n"


class _Member(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Key(_Member):
    id: _Id
    created: AwareDatetime
    key: _KeyText
    flow_tokens: StrictBool = True


class _Ring(_Member):
    version: Literal[2]
    ring: _Id
    current: _Id
    keys: Annotated[list[_Key], Field(min_length=1)]
    naming_key: _KeyText


_NAMES: Final = {*_Ring.model_fields, *_Key.model_fields}


def parse_ring(text: str) -> Keyring:
    """Parse a key ring. Raises ``KeyringError``."""
    try:
        read = _Ring.model_validate_json(text)
    except ValidationError as error:
        raise KeyringError(_sentence(error)) from None
    keys = {key.id: _ring_key(key) for key in read.keys}
    naming_key = _key_bytes(read.naming_key, "naming_key")
    if len(keys) < len(read.keys):
        raise KeyringError("The key ring has two keys with the same id.")
    if read.current not in keys:
        raise KeyringError("The key ring has no key with the id in current.")
    if len({naming_key, *(key.key for key in keys.values())}) <= len(keys):
        raise KeyringError("The key ring has the same key twice; all keys must differ.")
    if not keys[read.current].flow_tokens:
        raise KeyringError("The key ring: the current key must sign flow tokens.")
    return Keyring(read.ring, read.current, MappingProxyType(keys), naming_key)


def _ring_key(read: _Key) -> RingKey:
    return RingKey(read.id, read.created, _key_bytes(read.key, f"key {read.id}"), read.flow_tokens)


def _sentence(error: ValidationError) -> str:
    """Describes the first problem and its location; unknown names could be anything, so they are omitted."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if problem["type"] in ("json_invalid", "string_unicode"):
        return "The key ring is not JSON."
    place = ".".join(str(part) for part in problem["loc"] if isinstance(part, int) or part in _NAMES)
    match problem["type"]:
        case "missing":
            return f"The key ring lacks {place}."
        case _ if place == "version":
            return _OTHER_VERSION
        case "extra_forbidden":
            return (
                "The key ring has a member other than version, ring, current, keys, naming_key; "
                "id, created, key, flow_tokens."
            )
        case "too_short" if place == "keys":
            return "The key ring has no key."
    if place.endswith("key"):
        return f"The key ring: {place} must be {KEY_BYTES} bytes in base64url."
    if not place:
        return "The key ring must be a JSON object."
    return f"The key ring: {place} is wrong: {problem['msg'][:1].lower()}{problem['msg'][1:]}."


def _key_bytes(text: SecretStr, name: str) -> bytes:
    try:
        key = base64.b64decode(text.get_secret_value().rstrip("=") + "=", altchars=b"-_", validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyringError(f"The key ring: {name} must be {KEY_BYTES} bytes in base64url.")
    return key


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
