"""Creation and rotation of key rings."""

import secrets
import string
from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType

from .keyring import KEY_BYTES, Keyring, KeyringError, RingKey


def new_ring() -> Keyring:
    """Create a ring with one new key and a naming key."""
    key = _new_key()
    return Keyring(key.id, MappingProxyType({key.id: key}), secrets.token_bytes(KEY_BYTES))


def rotated(ring: Keyring) -> Keyring:
    """Returns the ring with a new current key. The other keys are kept to open older payloads."""
    key = _new_key()
    return Keyring(key.id, MappingProxyType({**ring.keys, key.id: key}), ring.naming_key)


def without(ring: Keyring, ids: Iterable[str]) -> Keyring:
    """Returns the ring without these keys, whose payloads can no longer be opened. Raises ``KeyringError``."""
    gone = set(ids)
    if ring.current in gone:
        raise KeyringError("The current key cannot be dropped: `phone-mfa keys rotate` first.")
    if not gone <= ring.keys.keys():
        raise KeyringError("The key ring has no key with that id: `phone-mfa keys show` lists them.")
    kept = {id_: key for id_, key in ring.keys.items() if id_ not in gone}
    return Keyring(ring.current, MappingProxyType(kept), ring.naming_key)


def _new_key() -> RingKey:
    now = datetime.now(UTC).replace(microsecond=0)
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return RingKey(f"k{now:%Y%m%d}-{suffix}", now, secrets.token_bytes(KEY_BYTES))
