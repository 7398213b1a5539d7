"""Creation and rotation of key rings. Knows nothing of who uses a key."""

import secrets
import string
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from .keyring import KEY_BYTES, Keyring, KeyringError, RingKey


def new_ring() -> Keyring:
    """Create a ring with one new key and a naming key."""
    key = _new_key()
    return Keyring(_new_id("r"), key.id, MappingProxyType({key.id: key}), secrets.token_bytes(KEY_BYTES))


def rotated(ring: Keyring, *, revoke_tokens: bool = False) -> Keyring:
    """Returns the ring with a new current key. The other keys are kept to open older payloads.

    ``revoke_tokens``: flow tokens signed with the other keys are no longer accepted.
    """
    key = _new_key()
    others = {each.id: replace(each, flow_tokens=each.flow_tokens and not revoke_tokens) for each in ring.keys.values()}
    return replace(ring, current=key.id, keys=MappingProxyType({**others, key.id: key}))


def without(ring: Keyring, ids: Iterable[str]) -> Keyring:
    """Returns the ring without these keys, whose payloads can no longer be opened. Raises ``KeyringError``."""
    gone = set(ids)
    if ring.current in gone:
        raise KeyringError("The current key cannot be dropped: `phone-mfa keys rotate` first.")
    if not gone <= ring.keys.keys():
        raise KeyringError("The key ring has no key with that id: `phone-mfa keys show` lists them.")
    kept = {id_: key for id_, key in ring.keys.items() if id_ not in gone}
    return replace(ring, keys=MappingProxyType(kept))


def renamed(ring: Keyring) -> Keyring:
    """Returns the ring with a new naming key: every user, tenant and submission gets another opaque id."""
    return replace(ring, naming_key=secrets.token_bytes(KEY_BYTES))


def _new_key() -> RingKey:
    return RingKey(_new_id("k"), datetime.now(UTC).replace(microsecond=0), secrets.token_bytes(KEY_BYTES))


def _new_id(kind: str) -> str:
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return f"{kind}{datetime.now(UTC):%Y%m%d}-{suffix}"
