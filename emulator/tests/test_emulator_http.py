"""Responses are complete, in request order, and independent of how the request arrived."""

import socket
from urllib.parse import urlsplit

import pytest

from emulator.tests.visitor import Visitor


def exchange(address: str, wire: bytes) -> bytes:
    """Read everything the emulator sends until it closes the connection."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(wire)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


async def test_requests_sent_together_are_answered_one_by_one(visitor: Visitor, address: str) -> None:
    one = b"GET /_control/health HTTP/1.1\r\nHost: a\r\n"
    answers = exchange(address, (one + b"\r\n") * 3 + one + b"Connection: close\r\n\r\n")
    assert answers.count(b"HTTP/1.1 200 ") == 4
    assert answers.count(b'\r\n\r\n{"status":"ok"}') == 4


async def test_a_whole_address_as_the_target_means_its_path(visitor: Visitor, address: str) -> None:
    head = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    for target in (b"http://a/_control/health", b"HTTPS://a:80/_control/health?x=http://b/c"):
        assert exchange(address, b"GET " + target + head).endswith(b'{"status":"ok"}')
    for target in (b"http://a", b"http:/_control/health", b"http%3A//a/_control/health", b"ftp://a/_control/health"):
        assert exchange(address, b"GET " + target + head).startswith(b"HTTP/1.1 404 ")


async def test_a_head_alone_is_answered_by_a_head_alone(visitor: Visitor, address: str) -> None:
    wire = b"HEAD /_control/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = exchange(address, wire)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"content-length: 15\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Length : 2\r\n",
        b"X: a\rb\r\n",
    ],
)
async def test_a_body_whose_length_is_in_doubt_is_read_once_or_not_at_all(
    visitor: Visitor, address: str, head: bytes
) -> None:
    smuggled = b"DELETE /_control/faults HTTP/1.1\r\nHost: a\r\n\r\n"
    await visitor.control("POST", "faults", {"method": "GET", "path": "/nowhere", "kind": "reset"})
    wire = b"GET /_control/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + head + b"\r\n0\r\n\r\n" + smuggled
    assert exchange(address, wire).count(b"HTTP/1.1 ") == 1
    assert len(await visitor.control("GET", "faults")) == 1
