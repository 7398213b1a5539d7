"""One emulator behind HTTPS for the journeys of the SDKs."""

from collections.abc import Iterator

import httpx
import pytest

from emulator.tests.secured import Secured, secured


@pytest.fixture(scope="session")
def tls_emulator() -> Iterator[Secured]:
    with secured() as emulator:
        yield emulator


@pytest.fixture
async def fresh(tls_emulator: Secured) -> Secured:
    async with tls_emulator.trusting() as http:
        answer: httpx.Response = await http.post("/_control/reset")
        assert answer.is_success
    return tls_emulator
