"""Fixtures for tests that use the emulator: one shared process, reset before each test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from auth0_mfa_emulator.pytest_plugin import Tenant
from emulator.tests.signing_in import CALLBACK, CLIENT, Browser
from emulator.tests.visitor import Visitor


@pytest.fixture(scope="session")
def address(auth0_emulator: Tenant) -> str:
    return auth0_emulator.address


@pytest.fixture(scope="session")
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield http


@pytest.fixture
async def visitor(http: httpx.AsyncClient) -> Visitor:
    await http.post("/_control/reset")
    return Visitor(http)


@pytest.fixture
async def browser_of_web(address: str, visitor: Visitor) -> AsyncIterator[Browser]:
    """A browser with its own cookies, and an application at a callback that only it can have."""
    await visitor.control("POST", "clients", CLIENT | {"callbacks": [CALLBACK]})
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Browser(visitor, http)
