"""A test's own emulator over HTTPS, with its certificate authority."""

import contextlib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass
class Secured:
    """A running emulator: its process, the certificate file of its authority, and its `https://` address."""

    process: subprocess.Popen[str]
    authority: Path
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def domain(self) -> str:
        """The domain, as an SDK expects it."""
        return f"localhost:{self.port}"

    def trusting(self) -> httpx.AsyncClient:
        context = ssl.create_default_context(cafile=self.authority)
        return httpx.AsyncClient(base_url=self.address, verify=context, trust_env=False)

    def healthy(self) -> bool:
        context = ssl.create_default_context(cafile=self.authority)
        return httpx.get(f"{self.address}/_control/health", verify=context, trust_env=False).is_success


@contextlib.contextmanager
def secured(*options: str) -> Iterator[Secured]:
    """`options` follow `--tls`, so the first can be its folder."""
    command, pipe = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--tls", *options], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        try:
            first, second = process.stdout.readline(), process.stdout.readline()
            assert first.startswith("certificate authority: ")
            assert second.startswith("emulator listening on https://")
            yield Secured(process, Path(first.split(": ")[1].strip()), second.split()[-1])
        finally:
            process.terminate()
            process.wait(10)
