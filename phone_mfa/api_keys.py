"""API keys of the gateway: named keys for services, stored as hashes only.

The list is JSON: ``[{"name": "onboarding", "sha256": "<64 hex digits>", "created": "2026-01-31T12:00:00Z"}]``, where
``created`` is optional. A key has 256 random bits, so a plain hash is as good as a slow one. Error messages about a bad
list never quote its contents.
"""

import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from .key_files import KeyFileError, changing, create, read_regular
from .watched_file import WatchedFile

PREFIX: Final = "pmk_"
"""Prefix of every key, so that secret scanners can find a leaked one."""

_NAME: Final = r"^[A-Za-z0-9._-]{1,64}$"

_log = logging.getLogger(__name__)


class ApiKeysError(Exception):
    """The list of API keys cannot be used. The message is one sentence and never quotes the list."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One allowed key. ``created``: when it was created, if known."""

    name: str
    digest: bytes = field(repr=False)
    created: datetime | None = None

    @property
    def key_id(self) -> str:
        """Identifies the key among all keys, including earlier or later ones of the same name; reveals nothing else."""
        return self.digest.hex()[:16]

    @property
    def created_text(self) -> str | None:
        """Creation time in UTC, in RFC 3339 format."""
        return f"{self.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if self.created else None


@dataclass(frozen=True, slots=True)
class KeyList:
    """The allowed keys, each with a unique name."""

    keys: tuple[ApiKey, ...] = ()

    def find(self, key: str) -> ApiKey | None:
        """Returns the matching entry, or ``None``. Takes the same time whether or not there is a match."""
        digest, found = _digest(key), None
        for allowed in self.keys:
            if hmac.compare_digest(allowed.digest, digest):
                found = allowed
        return found

    def name_of_id(self, key_id: str) -> str | None:
        """Returns the name of the key with this id; ``None`` if it is unknown or revoked."""
        return next((key.name for key in self.keys if key.key_id == key_id), None)

    def has(self, name: str) -> bool:
        """Whether a key with this name exists."""
        return any(key.name == name for key in self.keys)

    def with_new(self, name: str) -> tuple[Self, str]:
        """Returns the list with a new key added, and the key itself, which is not stored. Raises ``ApiKeysError``."""
        if not re.fullmatch(_NAME, name, re.ASCII):
            raise ApiKeysError("NAME must be 1 to 64 characters of A-Z, a-z, 0-9, dot, dash and underscore.")
        if self.has(name):
            raise ApiKeysError("A key with that name exists: choose another name, or revoke it first.")
        key = PREFIX + secrets.token_urlsafe(32)
        made = ApiKey(name, _digest(key), datetime.now(UTC))
        return type(self)((*self.keys, made)), key

    def without(self, name: str) -> Self:
        """Returns the list without this key. Raises ``ApiKeysError`` if there is no such key."""
        if not self.has(name):
            raise ApiKeysError("There is no key with that name.")
        return type(self)(tuple(key for key in self.keys if key.name != name))

    def text(self) -> str:
        """Returns the list as JSON text for ``parse_keys``."""
        members = ({"name": key.name, "sha256": key.digest.hex(), "created": key.created_text} for key in self.keys)
        return json.dumps([{k: v for k, v in each.items() if v is not None} for each in members], indent=2) + "\n"


class ApiKeys:
    """The current list of keys. A list in a file is reloaded when the file changes.

    If the file becomes invalid or disappears, the last valid list stays in use and one warning is logged. To revoke all
    keys, write ``[]``.
    """

    def __init__(self, keys: KeyList, file: WatchedFile | None = None) -> None:
        self._keys, self._file = keys, file

    def find(self, key: str) -> ApiKey | None:
        """Returns the matching entry, or ``None``. Takes the same time whether or not there is a match."""
        return self._now().find(key)

    def name_of_id(self, key_id: str) -> str | None:
        """Returns the name of the key with this id; ``None`` if the current list has no such key."""
        return self._now().name_of_id(key_id)

    def _now(self) -> KeyList:
        if self._file is not None and self._file.changed():
            try:
                self._keys = read_keys(self._file.path)
            except (KeyFileError, ApiKeysError) as error:
                _log.warning("the changed API keys cannot be used, keeping the previous ones: %s", error)
            else:
                _log.info("reloaded the API keys, %d in total", len(self._keys.keys))
        return self._keys


def api_keys(setting: str, clock: Callable[[], float] = time.monotonic) -> ApiKeys:
    """Returns the keys from a setting: a JSON list, or the path of a file with one. Raises ``ApiKeysError``."""
    if setting.lstrip().startswith(("[", "{")):
        return ApiKeys(parse_keys(setting))
    file = WatchedFile(Path(setting), clock)
    try:
        return ApiKeys(read_keys(file.path), file)
    except KeyFileError as error:
        raise ApiKeysError(f"The API keys: {str(error)[:1].lower()}{str(error)[1:]}") from None


def read_keys(path: Path) -> KeyList:
    """Read the list from a file. Raises ``KeyFileError`` and ``ApiKeysError``."""
    return parse_keys(read_regular(path))


def prepare(path: Path) -> None:
    """Create an empty list if there is no file, and check that it can be read. Raises what ``read_keys`` raises."""
    with suppress(KeyFileError):  # the file exists, or reading it reports the reason
        create(path, KeyList().text())
    read_keys(path)


def add_key(path: Path, name: str) -> str:
    """Add a new key, creating the file if needed. Returns the key. Raises what ``read_keys`` raises."""
    KeyList().with_new(name)  # an invalid name must not create a file
    prepare(path)
    with changing(path) as put:
        keys, key = read_keys(path).with_new(name)
        put(keys.text())
    return key


def revoke_key(path: Path, name: str) -> KeyList:
    """Revoke a key. Returns the remaining ones. Raises what ``read_keys`` raises."""
    with changing(path) as put:
        keys = read_keys(path).without(name)
        put(keys.text())
    return keys


class _Member(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=_NAME)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    created: AwareDatetime | None = None


_List: Final = TypeAdapter(list[_Member])

_WRONG: Final = {
    "name": "must be 1 to 64 characters of A-Z, a-z, 0-9, dot, dash and underscore",
    "sha256": "must be the SHA-256 of a key, in 64 hex digits",
    "created": "must be a time with a UTC offset, such as 2026-01-31T12:00:00Z",
}


def parse_keys(text: str) -> KeyList:
    """Parse a list, which may be empty. Raises ``ApiKeysError``."""
    try:
        members = _List.validate_json(text)
    except ValidationError as error:
        raise ApiKeysError(_sentence(error)) from None
    keys = tuple(ApiKey(each.name, bytes.fromhex(each.sha256), each.created) for each in members)
    if _repeated(key.name for key in keys):
        raise ApiKeysError("The API keys: two have the same name.")
    if _repeated(key.digest for key in keys):
        raise ApiKeysError("The API keys: two names have the same key.")
    return KeyList(keys)


def _sentence(error: ValidationError) -> str:
    """Describes the first problem and its location; unknown names could be anything, so they are omitted."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if problem["type"] in ("json_invalid", "string_unicode"):
        return "The API keys are not JSON."
    number = next((part for part in problem["loc"] if isinstance(part, int)), None)
    name = next((str(part) for part in problem["loc"] if part in _WRONG), None)
    if number is None:
        return "The API keys must be a JSON array."
    if problem["type"] == "extra_forbidden":
        return f"The API keys: number {number + 1} has a member other than {', '.join(_WRONG)}."
    if name is None:
        return f"The API keys: number {number + 1} must be an object with {', '.join(_WRONG)}."
    return f"The API keys: {name} of number {number + 1} {_WRONG[name]}."


def _repeated(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) < len(listed)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
