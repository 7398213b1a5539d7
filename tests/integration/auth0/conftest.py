from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret, Management
from tests.integration.auth0.tenant import ScriptedTenant, scripted_tenant


@pytest.fixture
async def tenant() -> AsyncIterator[ScriptedTenant]:
    async with scripted_tenant() as tenant:
        yield tenant


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http


@pytest.fixture
def auth0(http: httpx.AsyncClient, tenant: ScriptedTenant) -> Auth0:
    credentials = ClientSecret("client-1", SecretStr("client-secret"))
    return Auth0(http, base_url=tenant.base_url, credentials=credentials, timeout_seconds=2)


@pytest.fixture
def management(http: httpx.AsyncClient, tenant: ScriptedTenant) -> Management:
    return Management(http, base_url=tenant.base_url, token=SecretStr("management-token"), timeout_seconds=2)
