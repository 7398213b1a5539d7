"""Two codec servers for the whole run: one with a shared token, one with an issuer."""

from collections.abc import Iterator

import pytest

from phone_mfa.sealing import KeyRing, SealingCodec
from phone_mfa.sealing.making import new_ring
from phone_mfa.sealing.source import FixedRing
from tests.decoding.codec_process import TOKEN, CodecProcess, codec_process
from tests.decoding.issuer import AUDIENCE, Issuer, issuer


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return new_ring()


@pytest.fixture(scope="session")
def sealing(ring: KeyRing) -> SealingCodec:
    return SealingCodec(FixedRing(ring), "default")


@pytest.fixture(scope="session")
def shared(ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodecProcess]:
    """Readers are known by a shared token."""
    with codec_process(tmp_path_factory.mktemp("shared"), token=TOKEN, PHONE_MFA_KEYS=ring.text()) as process:
        yield process


@pytest.fixture(scope="session")
def the_issuer() -> Iterator[Issuer]:
    with issuer() as ours:
        yield ours


@pytest.fixture(scope="session")
def by_issuer(ring: KeyRing, the_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodecProcess]:
    """Readers are known by tokens of an issuer."""
    settings = {"issuer": the_issuer.name, "audience": AUDIENCE, "PHONE_MFA_KEYS": ring.text()}
    with codec_process(tmp_path_factory.mktemp("by_issuer"), **settings) as process:
        yield process
