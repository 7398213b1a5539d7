"""Lets the Temporal UI and CLI show decoded payloads to those allowed: settings, logs, keys, HTTP, a graceful end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Annotated, Final

import httpx
import structlog
import typer
import uvicorn
from starlette.types import ASGIApp

from phone_mfa import logs
from phone_mfa.decoding import Expected, IssuerKeys, Readers, Role, Served, SharedToken, TokenReaders, build
from phone_mfa.decoding.audit import LOGGER
from phone_mfa.http import http_client
from phone_mfa.process import run_and_leave
from phone_mfa.settings import CodecServerSettings, SealingSettings, SettingsError

GRACE: Final = 5
"""Seconds that answers may take to end after a signal."""

log = structlog.get_logger(LOGGER)


class NotReadyError(Exception):
    """The codec server cannot run here; says why in a sentence."""


class Server(uvicorn.Server):
    """Says where it listens once it does, and ends with success on a signal."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting, then say so."""
        await super().startup(sockets)
        for listening in sockets or []:
            sys.stdout.write(f"codec server listening on http://{_address(listening)}\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and end with failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let the answers under way end, then stop."""
        self.should_exit = True


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    await Server(config).serve([listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ``NotReadyError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python adds the address, which we have named
        raise NotReadyError(f"Nothing can listen on {host} port {port}: {reason}.") from None


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
        served = Served(source, settings.namespace, settings.origin, readers_of(settings, http))
        with listen(host, port) as listening:
            await serve(build(served), listening)
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

    With the CLI: temporal workflow show --workflow-id ID --codec-endpoint http://localhost:8081 --codec-auth "Bearer
    $PHONE_MFA_CODEC_TOKEN". All settings: docs/codec-server.md.
    """
    logs.configure(json=log_json, level=log_level)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    try:
        asyncio.run(run(host, port))
    except (SettingsError, NotReadyError) as error:
        log.error("codec.not_started", reason=str(error))  # noqa: TRY400 - the sentence says all
        raise typer.Exit(2) from None


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def command() -> int:
    """Run the command line of the codec server and tell its exit code."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app(prog_name="codec_server")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


if __name__ == "__main__":
    run_and_leave(command)
