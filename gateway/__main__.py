"""Runs the gateway: settings, logs, keys, Temporal connection, HTTP, graceful shutdown."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import structlog

from phone_mfa.client import Flows
from phone_mfa.encryption import KeyringSource
from phone_mfa.http_client import http_client
from phone_mfa.images import image_type
from phone_mfa.invitations import CALLBACK, Invitations
from phone_mfa.logs import Level
from phone_mfa.openid import OpenIdClient, OpenIdSettings
from phone_mfa.process import Host, LogJson, LogLevel, Port, run_service, start
from phone_mfa.serving import listen, serve
from phone_mfa.settings import (
    Auth0Settings,
    FlowSettings,
    GatewaySettings,
    NumberSettings,
    SealingSettings,
    SettingsError,
    TenantSettings,
)
from phone_mfa.temporal import connect, core_runtime

from .app import build
from .context import GatewayContext, Identity, LoginContext
from .flow_tokens import FlowTokens
from .idempotency import UsedKeys
from .login_cookies import LoginCookies
from .metrics import Metrics
from .rate_limits import RateLimits
from .texts import broken_texts
from .watcher import Watcher

ANSWER_TIMEOUT: Final = timedelta(seconds=20)
"""How long a request waits for the verdict on a code; a retry gets the same verdict.

A send request waits as long, followed by a probe and a view: less than ``context.DEADLINE`` in total.
"""

log = structlog.get_logger("gateway")


def rate_limits_of(settings: GatewaySettings) -> RateLimits:
    """The configured rate limits. Raises ``SettingsError``."""
    try:
        return RateLimits(settings.key_rate, settings.flow_rate)
    except ValueError:
        raise SettingsError("PHONE_MFA_GATEWAY_KEY_RATE and _FLOW_RATE must be like 60/minute.") from None


def require_valid_texts(theme: Path | None) -> None:
    """Check that the page can load all texts of the theme. Raises ``SettingsError``."""
    broken = broken_texts(theme) if theme else []
    if broken:
        raise SettingsError(f"PHONE_MFA_GATEWAY_THEME: texts/{broken[0]} must be a JSON object in UTF-8.")


def identity_of(settings: GatewaySettings) -> Identity:
    """Who asks for the phone. The logo's type is found out once, and not with each request."""
    logo_type = image_type(settings.logo) if settings.logo else ""
    return Identity(settings.company, settings.app, settings.logo, logo_type, settings.privacy_url)


def login_of(settings: GatewaySettings, source: KeyringSource, http: httpx.AsyncClient) -> LoginContext | None:
    """What links and logins need; None if they are not configured. Raises ``SettingsError``."""
    url = settings.public_url
    if url is None:
        return None
    tenant = Auth0Settings.read()
    if tenant.public_client:
        raise SettingsError("AUTH0_PUBLIC_CLIENT cannot be used for links: their application must have credentials.")
    openid = OpenIdSettings(
        base_url=tenant.base_url,
        credentials=tenant.credentials,
        redirect_uri=f"{url}{CALLBACK}",
        max_age=settings.login_max_age_seconds,
        user_claim=settings.user_claim,
        organization=settings.organization,
    )
    return LoginContext(
        OpenIdClient(http, openid),
        LoginCookies(source, secure=url.startswith("https://")),
        Invitations(source, url, timedelta(seconds=settings.invitation_seconds)),
    )


async def run(host: str, port: int) -> None:
    """Set everything up, then serve."""
    settings, flow, tenant = GatewaySettings.read(), FlowSettings.read(), TenantSettings.read()
    require_valid_texts(settings.theme)
    source = SealingSettings.read().source
    with listen(host, port) as listening:
        client = await connect(source, identity=flow.identity, runtime=core_runtime())
        flows = Flows(
            client,
            tenant=tenant.base_url,
            keys=source,
            task_queue=flow.task_queue,
            answer_timeout=ANSWER_TIMEOUT,
            fold_users=flow.fold_users,
        )
        metrics = Metrics()
        http = http_client()
        context = GatewayContext(
            flows=flows,
            keys=settings.keys,
            tokens=FlowTokens(source, timedelta(seconds=settings.flow_token_seconds)),
            rates=rate_limits_of(settings),
            watching=Watcher(metrics),
            metrics=metrics,
            used_keys=UsedKeys(),
            number_rule=NumberSettings.read().enforced_rule,
            origins=settings.allowed_origins,
            theme=settings.theme,
            return_url=settings.return_url,
            help_url=settings.help_url,
            identity=identity_of(settings),
            return_origins=settings.allowed_return_origins,
            login=login_of(settings, source, http),
        )
        log.info("gateway.started", namespace=client.namespace, task_queue=flow.task_queue)
        async with http:
            await serve(build(context), listening, "gateway")
    log.info("gateway.stopped")


def main(
    host: Host = "127.0.0.1", port: Port = 8088, log_level: LogLevel = Level.INFO, log_json: LogJson = None
) -> None:
    """Serve the HTTP API for backends and browsers, and the web page for users.

    Needs PHONE_MFA_KEYS (the key file), AUTH0_DOMAIN (the tenant), and PHONE_MFA_GATEWAY_API_KEYS, a file that

    phone-mfa api-keys new NAME FILE

    creates and that can change while the gateway runs. Start a flow with such a key at POST /v1/enrollments, and send
    the browser to /enroll#token=FLOW_TOKEN. With PHONE_MFA_GATEWAY_PUBLIC_URL, its own address, and the application
    (AUTH0_CLIENT_ID and its credential), it also issues links by which users sign in at Auth0.
    The full API is described at /openapi.json. All settings: docs/running.md.
    """
    start("gateway", run(host, port), log_level=log_level, log_json=log_json)


if __name__ == "__main__":
    run_service("gateway", main)
