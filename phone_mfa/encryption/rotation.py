"""Makes rings and changes them: new keys, and keys that go."""

import secrets
import string
from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType

from .keyring import (
    KEY_BYTES,
    KeyRing,
    RingError,
    RingKey,
)


def new_ring() -> KeyRing:
    """A ring of one new key, and a naming key."""
    key = _new_key()
    return KeyRing(key.id, MappingProxyType({key.id: key}), secrets.token_bytes(KEY_BYTES))


def rotated(ring: KeyRing) -> KeyRing:
    """The ring with a new key, which is current. The others stay, for what they sealed."""
    key = _new_key()
    return KeyRing(key.id, MappingProxyType({**ring.keys, key.id: key}), ring.naming_key)


def without(ring: KeyRing, ids: Iterable[str]) -> KeyRing:
    """The ring without those keys: what they sealed cannot be opened again. Raises ``RingError``."""
    gone = set(ids)
    if ring.current in gone:
        raise RingError("The current key cannot be dropped: `phone-mfa keys rotate` first.")
    if not gone <= ring.keys.keys():
        raise RingError("The key ring has no key of that id: `phone-mfa keys show` lists them.")
    kept = {id_: key for id_, key in ring.keys.items() if id_ not in gone}
    return KeyRing(ring.current, MappingProxyType(kept), ring.naming_key)


def _new_key() -> RingKey:
    now = datetime.now(UTC).replace(microsecond=0)
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return RingKey(f"k{now:%Y%m%d}-{suffix}", now, secrets.token_bytes(KEY_BYTES))
