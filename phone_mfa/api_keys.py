"""Who may call the gateway as a service: named API keys, of which only hashes are kept.

The list is JSON: ``[{"name": "onboarding", "sha256": "<64 hex digits>", "created": "2026-01-31T12:00:00Z"}]``, where
``created`` may be left out. A key has 256 random bits, so that a plain hash of it is as good as a slow one. No sentence
about a bad list repeats anything that stands in it.
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
"""What every key begins with, so that a search for secrets finds one that went astray."""

_NAME: Final = r"^[A-Za-z0-9._-]{1,64}$"

_log = logging.getLogger(__name__)


class ApiKeysError(Exception):
    """The list of API keys is of no use. One sentence that holds nothing of it."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key that is allowed. ``created``: when it was made, if that is known."""

    name: str
    digest: bytes = field(repr=False)
    created: datetime | None = None

    @property
    def key_id(self) -> str:
        """What tells the key from all others, also from an earlier or later one of its name; tells nothing else."""
        return self.digest.hex()[:16]

    @property
    def created_text(self) -> str | None:
        """When it was made, in UTC, as RFC 3339 writes it."""
        return f"{self.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if self.created else None


@dataclass(frozen=True, slots=True)
class KeyList:
    """The keys that are allowed, each under a name of its own."""

    keys: tuple[ApiKey, ...] = ()

    def find(self, key: str) -> ApiKey | None:
        """Which key of the list this is; takes as long whichever it is, and if it is none."""
        digest, found = _digest(key), None
        for allowed in self.keys:
            if hmac.compare_digest(allowed.digest, digest):
                found = allowed
        return found

    def name_of_id(self, key_id: str) -> str | None:
        """The name of the key with this id; ``None`` when there is none, or no longer."""
        return next((key.name for key in self.keys if key.key_id == key_id), None)

    def has(self, name: str) -> bool:
        """Whether there is a key of this name."""
        return any(key.name == name for key in self.keys)

    def with_new(self, name: str) -> tuple[Self, str]:
        """The list with a further key, and that key, which nobody keeps. Raises ``ApiKeysError``."""
        if not re.fullmatch(_NAME, name, re.ASCII):
            raise ApiKeysError("NAME must be 1 to 64 of A-Z, a-z, 0-9, dot, dash and underscore.")
        if self.has(name):
            raise ApiKeysError("There is a key of that name: name another, or revoke it first.")
        key = PREFIX + secrets.token_urlsafe(32)
        made = ApiKey(name, _digest(key), datetime.now(UTC))
        return type(self)((*self.keys, made)), key

    def without(self, name: str) -> Self:
        """The list without a key. Raises ``ApiKeysError``."""
        if not self.has(name):
            raise ApiKeysError("There is no key of that name.")
        return type(self)(tuple(key for key in self.keys if key.name != name))

    def text(self) -> str:
        """The list as ``parse_keys`` reads it."""
        members = ({"name": key.name, "sha256": key.digest.hex(), "created": key.created_text} for key in self.keys)
        return json.dumps([{k: v for k, v in each.items() if v is not None} for each in members], indent=2) + "\n"


class ApiKeys:
    """The list of the moment. One in a file is read again when the file changed.

    A file that is broken or gone leaves the last good list in use, and one warning: to revoke every key, write ``[]``.
    """

    def __init__(self, keys: KeyList, file: WatchedFile | None = None) -> None:
        self._keys, self._file = keys, file

    def find(self, key: str) -> ApiKey | None:
        """Which key of the list this is; takes as long whichever it is, and if it is none."""
        return self._now().find(key)

    def name_of_id(self, key_id: str) -> str | None:
        """The name of the key with this id; ``None`` when there is none at this moment."""
        return self._now().name_of_id(key_id)

    def _now(self) -> KeyList:
        if self._file is not None and self._file.changed():
            try:
                self._keys = read_keys(self._file.path)
            except (KeyFileError, ApiKeysError) as error:
                _log.warning("the API keys changed and are of no use, those before stay in use: %s", error)
            else:
                _log.info("the API keys were read again, there are %d", len(self._keys.keys))
        return self._keys


def api_keys(setting: str, clock: Callable[[], float] = time.monotonic) -> ApiKeys:
    """The keys a setting names: a list in JSON, or the path of a file of one. Raises ``ApiKeysError``."""
    if setting.lstrip().startswith(("[", "{")):
        return ApiKeys(parse_keys(setting))
    file = WatchedFile(Path(setting), clock)
    try:
        return ApiKeys(read_keys(file.path), file)
    except KeyFileError as error:
        raise ApiKeysError(f"The API keys: {str(error)[:1].lower()}{str(error)[1:]}") from None


def read_keys(path: Path) -> KeyList:
    """The list in a file. Raises ``KeyFileError`` and ``ApiKeysError``."""
    return parse_keys(read_regular(path))


def prepare(path: Path) -> None:
    """Make a list of nobody where there is no file, and read it. Raises as ``read_keys`` does."""
    with suppress(KeyFileError):  # there is one, or else reading it says why not
        create(path, KeyList().text())
    read_keys(path)


def add_key(path: Path, name: str) -> str:
    """Allow a new key, in a file that is made when there is none. Gives the key. Raises as ``read_keys`` does."""
    KeyList().with_new(name)  # a name that cannot be makes no file
    prepare(path)
    with changing(path) as put:
        keys, key = read_keys(path).with_new(name)
        put(keys.text())
    return key


def revoke_key(path: Path, name: str) -> KeyList:
    """Allow a key no longer. Gives those that are left. Raises as ``read_keys`` does."""
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
    "name": "must be 1 to 64 of A-Z, a-z, 0-9, dot, dash and underscore",
    "sha256": "must be the SHA-256 of a key, in 64 hex digits",
    "created": "must be a time with its zone, such as 2026-01-31T12:00:00Z",
}


def parse_keys(text: str) -> KeyList:
    """The list a text describes; it may be empty. Raises ``ApiKeysError``."""
    try:
        members = _List.validate_json(text)
    except ValidationError as error:
        raise ApiKeysError(_sentence(error)) from None
    keys = tuple(ApiKey(each.name, bytes.fromhex(each.sha256), each.created) for each in members)
    if _repeated(key.name for key in keys):
        raise ApiKeysError("The API keys: two have the same name.")
    if _repeated(key.digest for key in keys):
        raise ApiKeysError("The API keys: the same key is there under two names.")
    return KeyList(keys)


def _sentence(error: ValidationError) -> str:
    """The first problem, by its place; what is no name of ours may be anything, and is left out."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if problem["type"] in ("json_invalid", "string_unicode"):
        return "The API keys are not JSON."
    number = next((part for part in problem["loc"] if isinstance(part, int)), None)
    name = next((str(part) for part in problem["loc"] if part in _WRONG), None)
    if number is None:
        return "The API keys must be a JSON array."
    if problem["type"] == "extra_forbidden":
        return f"The API keys: number {number + 1} has a member that is none of {', '.join(_WRONG)}."
    if name is None:
        return f"The API keys: number {number + 1} must be an object of {', '.join(_WRONG)}."
    return f"The API keys: {name} of number {number + 1} {_WRONG[name]}."


def _repeated(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) < len(listed)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
