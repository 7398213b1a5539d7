"""Codec servers for the whole run: with a shared token, and with an issuer."""

from collections.abc import Iterator

import pytest

from phone_mfa.encryption import Keyring, SealingCodec
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring
from tests.integration.codec_server.codec_process import TOKEN, CodecProcess, codec_process
from tests.integration.codec_server.issuer import AUDIENCE, Issuer, issuer


@pytest.fixture(scope="session")
def ring() -> Keyring:
    return new_ring()


@pytest.fixture(scope="session")
def sealing(ring: Keyring) -> SealingCodec:
    return SealingCodec(FixedRing(ring), "default")


@pytest.fixture(scope="session")
def shared(ring: Keyring, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodecProcess]:
    """Readers are known by a shared token."""
    with codec_process(tmp_path_factory.mktemp("shared"), token=TOKEN, PHONE_MFA_KEYS=ring.text()) as process:
        yield process


@pytest.fixture(scope="session")
def the_issuer() -> Iterator[Issuer]:
    with issuer() as ours:
        yield ours


@pytest.fixture(scope="session")
def by_issuer(ring: Keyring, the_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodecProcess]:
    """Readers are known by tokens of an issuer."""
    settings = {"issuer": the_issuer.name, "audience": AUDIENCE, "PHONE_MFA_KEYS": ring.text()}
    with codec_process(tmp_path_factory.mktemp("by_issuer"), **settings) as process:
        yield process
