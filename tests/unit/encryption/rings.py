"""Key rings of tests, and how payloads are sealed with them."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import SealingCodec
from phone_mfa.encryption.keyring import Keyring
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring

PAYLOADS = st.builds(
    Payload, metadata=st.dictionaries(st.text(max_size=9), st.binary(max_size=20), max_size=3), data=st.binary()
)


def codec(ring: Keyring, namespace: str = "default") -> SealingCodec:
    return SealingCodec(FixedRing(ring), namespace)


def sealed(codec: SealingCodec, payload: Payload) -> Payload:
    return asyncio.run(codec.encode([payload]))[0]


def opened(codec: SealingCodec, payload: Payload) -> Payload:
    return asyncio.run(codec.decode([payload]))[0]


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """A new ring's text, after a change."""
    document = json.loads(new_ring().text())
    change(document)
    return json.dumps(document)


def write(path: Path, text: str) -> None:
    """Put a text in the place of a file's, as a rotation does."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.chmod(0o600)
    os.replace(beside, path)
