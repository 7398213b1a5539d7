"""Connections to Temporal and Auth0 for the commands, configured from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from phone_mfa.auth0 import Auth0
from phone_mfa.client.flows import Flows
from phone_mfa.http_client import http_client
from phone_mfa.settings import Auth0Settings, FlowSettings, SealingSettings
from phone_mfa.temporal import connect


async def open_flows(tenant: str = "") -> Flows:
    """Connect to Temporal as configured and return its flows. ``tenant`` is needed only to start flows."""
    settings, source = FlowSettings.read(), SealingSettings.read().source
    client = await connect(source, identity=settings.identity)
    return Flows(
        client,
        tenant=tenant,
        keys=source,
        task_queue=settings.task_queue,
        fold_users=settings.fold_users,
    )


@asynccontextmanager
async def open_auth0(settings: Auth0Settings) -> AsyncIterator[Auth0]:
    """Open a client for our application in its tenant."""
    async with http_client() as http:
        yield Auth0(http, base_url=settings.base_url, credentials=settings.credentials)
