"""The key ring of the tests. Recorded histories are sealed with it, so its keys never change."""

from datetime import UTC, datetime
from types import MappingProxyType

from phone_mfa.sealing import KeyRing, RingKey
from phone_mfa.sealing.source import FixedRing

_CREATED = datetime(2026, 1, 1, tzinfo=UTC)
RING = KeyRing("tests", MappingProxyType({"tests": RingKey("tests", _CREATED, bytes(range(32)))}), bytes(range(32, 64)))
KEYS = FixedRing(RING)
NAMING_KEY = RING.naming_key
