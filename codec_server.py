"""Entry point of the codec server: reads settings and keys, sets up logging, serves HTTP, shuts down gracefully."""

import logging

import httpx
import structlog

from phone_mfa.codec_server import (
    CodecContext,
    ExpectedClaims,
    IssuerKeys,
    JwtAuthenticator,
    ReaderAuthenticator,
    Role,
    SharedTokenAuthenticator,
    build,
)
from phone_mfa.codec_server.audit import LOGGER
from phone_mfa.http_client import http_client
from phone_mfa.logs import Level
from phone_mfa.process import Host, LogJson, LogLevel, Port, run_service, start
from phone_mfa.serving import listen, serve
from phone_mfa.settings import CodecServerSettings, SealingSettings

log = structlog.get_logger("codec_server")


def authenticator_of(settings: CodecServerSettings, http: httpx.AsyncClient) -> ReaderAuthenticator:
    """Returns the authenticator: for a shared token, or for JWTs from an issuer."""
    if settings.token is not None:
        return SharedTokenAuthenticator(settings.token)
    names = {
        Role.DECODE: settings.decode_role,
        Role.REVEAL: settings.reveal_role,
        Role.ENCODE: settings.encode_role,
    }
    expected = ExpectedClaims(settings.issuer or "", settings.audience or "", settings.roles_claim, names)
    return JwtAuthenticator(IssuerKeys(http, settings.keys_address), expected)


async def run(host: str, port: int) -> None:
    """Read the settings, then serve until a signal arrives."""
    settings, source = CodecServerSettings.read(), SealingSettings.read().source
    async with http_client() as http:
        context = CodecContext(source, settings.namespace, settings.origin, authenticator_of(settings, http))
        with listen(host, port) as listening:
            log.info("codec.started", ui=settings.origin, issuer=settings.issuer, namespace=settings.namespace)
            await serve(build(context), listening, "codec server")
    log.info("codec.stopped")


def main(
    host: Host = "127.0.0.1", port: Port = 8081, log_level: LogLevel = Level.INFO, log_json: LogJson = None
) -> None:
    """Decode payloads for authorized users of the Temporal UI and CLI, with secrets removed.

    Needs PHONE_MFA_KEYS (the key file) and PHONE_MFA_CODEC_ORIGIN (the origin of the UI, http://localhost:8233 for the
    dev server), and one way to authenticate readers:

    PHONE_MFA_CODEC_TOKEN: a shared token of at least 20 characters. Sign in with the browser at this server's address,
    and turn on "Include cross-origin credentials" in the UI.

    PHONE_MFA_CODEC_ISSUER and PHONE_MFA_CODEC_AUDIENCE: JWTs with the role phone-mfa:decode in the claim "roles".

    For the CLI, set TEMPORAL_CODEC_ENDPOINT=http://localhost:8081 and TEMPORAL_CODEC_AUTH="Bearer
    $PHONE_MFA_CODEC_TOKEN", then run temporal workflow show --workflow-id ID. All settings: docs/codec-server.md.
    Audit lines are logged at any level.
    """
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    start("codec", run(host, port), log_level=log_level, log_json=log_json)


if __name__ == "__main__":
    run_service("codec_server", main)
