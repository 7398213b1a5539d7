"""A Redis server of the system's packages, as a process that may end and come back."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.ports import free_port

PATIENCE_SECONDS = 30.0


class RedisServer:
    def __init__(self, folder: Path) -> None:
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if not found:
            pytest.skip("no Redis: `make redis` installs the package redis-server")
        self._program, self._folder, self._port = found, folder, free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(self._folder), "--save", "")
        self._process = await asyncio.create_subprocess_exec(
            self._program, *options, "--appendonly", "no", stdout=asyncio.subprocess.DEVNULL
        )
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not await self._answers():
            assert self._process.returncode is None and time.monotonic() < give_up_at, "Redis does not start"
            await asyncio.sleep(0.02)

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def content(self) -> str:
        """All that it holds, keys and values."""
        async with Redis.from_url(self.address, decode_responses=True) as client:
            return "\n".join([f"{key!r}={await client.get(key)!r}" async for key in client.scan_iter()])

    async def _answers(self) -> bool:
        try:
            async with Redis.from_url(self.address) as client:
                return bool(await client.ping())
        except RedisError:
            return False
