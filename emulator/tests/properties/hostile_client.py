"""A client that sends arbitrary bytes, and a snapshot of the tenant to detect changes."""

import http.client
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

Header = tuple[bytes, bytes]

REFUSED_CALLS_NOTE = {
    *(
        "fp",
        "fu",
        "f",
        "fsa",
        "flo",
        "feacft",
        "fede",
        "fdeaz",
        "fdeac",
        "fertft",
        "ferrt",
        "feoobft",
        "feotpft",
        "fercft",
        "limit_wc",
        "limit_sul",
        "limit_phone",
    ),
    *("gd_auth_failed", "gd_auth_rejected", "gd_recovery_failed", "gd_otp_rate_limit_exceed"),
    *("gd_recovery_rate_limit_exceed", "gd_send_sms_failure", "gd_send_voice_failure", "gd_send_email_failure"),
    "gd_send_pn_failure",
    "mfar",  # a correct password: the only refusal that opens a session
}
"""Lines that a refused call may write into the tenant log."""
REFUSED_CALLS_TOUCH = {"events", "buckets", "failed_logins"}
"""Tables that a refused call may touch: those lines, and spent tries."""


@dataclass(frozen=True)
class Reply:
    """One raw response. `body` is parsed if it is JSON."""

    status: int
    content_type: str
    text: str
    body: Any
    closes: bool


@dataclass(frozen=True)
class Hostile:
    """Raw-socket access to one emulator."""

    address: str
    http: httpx.Client

    def connect(self) -> socket.socket:
        parts = urlsplit(self.address)
        return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)

    def send(self, method: bytes, target: bytes, body: bytes = b"", headers: tuple[Header, ...] = ()) -> Reply:
        """Send one well-framed request with any bytes, on its own connection."""
        framing = (
            (b"Host", urlsplit(self.address).netloc.encode()),
            (b"Connection", b"close"),
            (b"Content-Length", b"%d" % len(body)),
        )
        head = b"".join(name + b": " + value + b"\r\n" for name, value in (*framing, *headers))
        with self.connect() as connection:
            connection.sendall(method + b" " + target + b" HTTP/1.1\r\n" + head + b"\r\n" + body)
            return reply(connection, method)

    def json(self, method: str, path: str, body: object, token: str = "", cookie: str = "") -> Reply:
        headers = [(b"Content-Type", b"application/json"), *([bearer(token)] if token else [])]
        headers += [(b"Cookie", cookie.encode())] if cookie else []
        return self.send(method.encode(), path.encode(), json.dumps(body).encode(), tuple(headers))

    def exchange(self, data: bytes) -> list[int]:
        """Send these bytes, then end of stream, and return the statuses of all responses."""
        with self.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return statuses(connection)

    def changed(self, method: str, path: str, body: object) -> Any:
        """Call the control plane."""
        answer = self.http.request(method, f"/_control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def emulator(state: Path) -> Iterator[Hostile]:
    """A separate emulator with a state file; it must exit cleanly whatever was sent to it."""
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--state", str(state)]
    heard = state.with_suffix(".stderr")
    with (
        heard.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        try:
            with httpx.Client(base_url=address, trust_env=False) as client:
                yield Hostile(address, client)
        finally:
            process.terminate()
            process.wait(10)
    complaints = heard.read_text()
    assert (process.returncode, "Traceback" in complaints) == (0, False), complaints[-2000:]


def rows(state: Path) -> dict[str, list[tuple[str, str]]]:
    """Key and JSON of every row, by table; the emulator must have exited."""
    with closing(sqlite3.connect(state)) as database:
        found: dict[str, list[tuple[str, str]]] = {}
        for kind, key, value in database.execute("SELECT kind, key, value FROM entries ORDER BY id"):
            found.setdefault(kind or "single values", []).append((key, value))
        return found


def bearer(token: str) -> Header:
    return b"Authorization", b"Bearer " + token.encode()


def reply(connection: socket.socket, method: bytes = b"POST") -> Reply:
    """Read the next response on a connection."""
    answer = http.client.HTTPResponse(connection, method=method.decode("latin-1"))
    answer.begin()
    kind = answer.getheader("content-type", "")
    if "event-stream" in kind:  # which has no end
        return Reply(answer.status, kind, "", None, closes=True)
    content = answer.read()
    body = json.loads(content, parse_constant=_no_json) if content and "json" in kind else None
    return Reply(answer.status, kind, content.decode("utf-8", "replace"), body, answer.will_close)


def statuses(connection: socket.socket) -> list[int]:
    """Read the statuses of all responses until the connection closes."""
    content = bytearray()
    try:
        while piece := connection.recv(65_536):
            content += piece
    except ConnectionResetError:
        pass
    return [int(rest[:3]) for rest in bytes(content).split(b"HTTP/1.1 ")[1:]]


def _no_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")
