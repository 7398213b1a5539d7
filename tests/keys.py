"""The key ring of the tests, whose keys never change as recorded histories are sealed with it; whose an API key is."""

from datetime import UTC, datetime
from types import MappingProxyType

from phone_mfa.api_keys import ApiKeys, KeyList
from phone_mfa.encryption import Keyring, RingKey
from phone_mfa.encryption.keyring_source import FixedRing

_CREATED = datetime(2026, 1, 1, tzinfo=UTC)
RING = Keyring(
    "tests", "tests", MappingProxyType({"tests": RingKey("tests", _CREATED, bytes(range(32)))}), bytes(range(32, 64))
)
KEYS = FixedRing(RING)
NAMING_KEY = RING.naming_key


def name_of(keys: ApiKeys | KeyList, key: str) -> str | None:
    """Whose API key this is."""
    found = keys.find(key)
    return found.name if found else None
