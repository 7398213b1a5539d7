"""Stands between our processes and Auth0, hands every byte on, and remembers which secrets went by."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from tests.system.leaks.secrets import Secrets

_MEMBER: Final = re.compile(rb'"([a-z_]+)":\s*"([!#-\[\]-~]+)"')
_FORM: Final = re.compile(rb"(?:^|[&\n])([a-z_]+)=([!-%'-~]+)")
_RECOVERY_CODES: Final = re.compile(rb'"recovery_codes":\s*\["([A-Z0-9]+)"')
_BEARER: Final = re.compile(rb"(?i)\nauthorization: bearer (\S+)")


class Relay:
    """A port of its own. ``seen``: what went by, one entry for each direction of a connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.seen: list[bytearray] = []

    def tell(self, secrets: Secrets) -> None:
        """Add the secrets that went by."""
        for said in self.seen:
            for pattern in (_MEMBER, _FORM):
                for name, value in pattern.findall(said):
                    if name != b"id":  # of an authenticator
                        secrets.member(name.decode(), value.decode())
            for code in _RECOVERY_CODES.findall(said):
                secrets.whole("recovery code", code.decode())
            for token in _BEARER.findall(said):
                secrets.token("mfa_token", token.decode())

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what one connection carries, until either side ends it."""
        there, thither = await asyncio.open_connection(self._host, self._port)
        await asyncio.gather(self._carry(reader, thither), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = bytearray()
        self.seen.append(said)
        with suppress(ConnectionError):
            while part := await reader.read(65_536):
                said += part
                writer.write(part)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relayed(address: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to an address, and its own."""
    host, _, port = address.removeprefix("http://").partition(":")
    relay = Relay(host, int(port))
    async with await asyncio.start_server(relay.connect, "127.0.0.1", 0) as server:
        yield relay, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
