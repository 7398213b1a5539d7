"""Lets the Temporal UI and CLI show decoded payloads to those allowed: settings, logs, keys, HTTP, a graceful end."""

import logging
from typing import Annotated

import httpx
import structlog
import typer

from phone_mfa import logs
from phone_mfa.codec_server import (
    CodecContext,
    Expected,
    IssuerKeys,
    Readers,
    Role,
    SharedToken,
    TokenReaders,
    build,
)
from phone_mfa.codec_server.audit import LOGGER
from phone_mfa.http_client import http_client
from phone_mfa.process import run_and_leave, run_command, run_to_end
from phone_mfa.serving import CannotListenError, listen, serve
from phone_mfa.settings import CodecServerSettings, SealingSettings, SettingsError

log = structlog.get_logger("codec_server")


def readers_of(settings: CodecServerSettings, http: httpx.AsyncClient) -> Readers:
    """How readers are known: by a shared token, or by tokens of an issuer."""
    if settings.token is not None:
        return SharedToken(settings.token)
    names = {
        Role.DECODE: settings.decode_role,
        Role.REVEAL: settings.reveal_role,
        Role.ENCODE: settings.encode_role,
    }
    expected = Expected(settings.issuer or "", settings.audience or "", settings.roles_claim, names)
    return TokenReaders(IssuerKeys(http, settings.keys_address), expected)


async def run(host: str, port: int) -> None:
    """Set everything up, then serve."""
    settings, source = CodecServerSettings.read(), SealingSettings.read().source
    async with http_client() as http:
        served = CodecContext(source, settings.namespace, settings.origin, readers_of(settings, http))
        with listen(host, port) as listening:
            log.info("codec.started", ui=settings.origin, issuer=settings.issuer, namespace=settings.namespace)
            await serve(build(served), listening, "codec server")
    log.info("codec.stopped")


def main(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port, 0 for a free one.")] = 8081,
    log_level: Annotated[
        logs.Level, typer.Option(case_sensitive=False, help="From how important on; who saw what is always written.")
    ] = logs.Level.INFO,
    log_json: Annotated[
        bool | None, typer.Option("--log-json/--log-text", help="By default JSON, unless on a terminal.")
    ] = None,
) -> None:
    """Let the Temporal UI and CLI show decoded payloads, without the secrets in them, to those allowed.

    Needs PHONE_MFA_KEYS (the key file) and PHONE_MFA_CODEC_ORIGIN (the origin of the UI, http://localhost:8233 for the
    dev server), and one way to know who asks:

    PHONE_MFA_CODEC_TOKEN, a token of 20 characters or more that all share. Sign the browser in at this server's
    address, and turn on "Include cross-origin credentials" in the UI.

    PHONE_MFA_CODEC_ISSUER and PHONE_MFA_CODEC_AUDIENCE: JWTs that have the role phone-mfa:decode in their claim roles.

    With the CLI: set TEMPORAL_CODEC_ENDPOINT=http://localhost:8081 and TEMPORAL_CODEC_AUTH="Bearer
    $PHONE_MFA_CODEC_TOKEN", then temporal workflow show --workflow-id ID. All settings: docs/codec-server.md.
    """
    logs.configure(json=log_json, level=log_level)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    try:
        run_to_end(run(host, port))
    except (SettingsError, CannotListenError) as error:
        log.error("codec.not_started", reason=str(error))  # noqa: TRY400 - the sentence says all
        raise typer.Exit(2) from None


if __name__ == "__main__":
    run_and_leave(lambda: run_command("codec_server", main))
