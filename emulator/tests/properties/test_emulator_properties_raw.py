"""Any bytes on a connection: no server error, and no smuggled request."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.tests.properties.hostile_client import reply, statuses
from emulator.tests.properties.nonsense import examples
from emulator.tests.properties.surface import Watch

START = b"POST /mfa/challenge HTTP/1.1\r\nHost: a\r\n"
HIDDEN = b"POST /_control/reset HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
LAST = b"GET /_control/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
BODY = b"0\r\n\r\n" + HIDDEN
"""Chunked, the body is empty and another request follows; by length, it is all one body."""
LENGTH = b"Content-Length: %d\r\n" % len(BODY)

SECOND_LENGTHS = [
    *(b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"content-length:0\r\n", b"Content-Length: 0, 5\r\n"),
    *(b"Content-Length: -1\r\n", b"Content-Length: +5\r\n", b"Content-Length: 0x5\r\n", b"Content-Length: 5 5\r\n"),
    *(b"Content-Length:\r\n 5\r\n", b"Content-Length : 5\r\n", b"Content-Length: 99999999999999999999999999\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"transfer-encoding:CHUNKED\r\n", b"Transfer-Encoding: xchunked\r\n"),
    *(
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n",
    ),
    *(b"Transfer-Encoding:\tchunked\r\n", b"Transfer-Encoding: chunked\n", b"Transfer-Encoding : chunked\r\n"),
    *(b"Transfer-Encoding: chunked\r\n" * 2, b"Transfer-Encoding: chunk\x00ed\r\n"),
    *(b"X: a\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n", b"Transfer-Encoding: \r\n"),
]


@pytest.mark.parametrize("second", SECOND_LENGTHS)
@pytest.mark.parametrize("length_first", [True, False])
def test_a_request_of_two_lengths_is_refused_and_the_connection_ends(
    watch: Watch, second: bytes, length_first: bool
) -> None:
    lengths = LENGTH + second if length_first else second + LENGTH
    with watch.hostile.connect() as connection:
        connection.sendall(START + lengths + b"\r\n" + BODY + LAST)
        assert statuses(connection) == [400]
    assert watch.unchanged()


@pytest.mark.parametrize(
    "odd",
    [
        *(
            b"Transfer_Encoding: chunked\r\n",
            b"X-Transfer-Encoding: chunked\r\n",
            b"TE: chunked\r\n",
            b"Trailer: x\r\n",
        ),
        *(b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n"),
        *(
            b"Expect: 200-ok\r\n",
            b"X: a\r\n b\r\n",
            b"Content-Encoding: gzip\r\n",
            b"X-HTTP-Method-Override: DELETE\r\n",
        ),
        b" Transfer-Encoding: chunked\r\n",  # a second Host line
    ],
)
def test_a_request_in_a_body_stays_a_body(watch: Watch, odd: bytes) -> None:
    with watch.hostile.connect() as connection:
        connection.sendall(START + odd + LENGTH + b"\r\n" + BODY + LAST)
        assert statuses(connection) == [400, 200]  # the body is not JSON; then the last request
    assert watch.unchanged()


@pytest.mark.parametrize(
    "data",
    [
        *(b"GET /_control/health\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
        *(
            b"GET / HTTP/3.0\r\nHost: a\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"\x00\r\n\r\n",
        ),
        *(b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", b"CONNECT /_control/reset HTTP/1.1\r\nHost: a\r\n\r\n"),
        *(b"POST /mfa/challenge HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST /mfa/challenge HTTP/1.1\r\n\r\n"),
        *(START + b"X: " + b"a" * 200_000 + b"\r\n\r\n", START + b"X: a\x00b\r\n\r\n", START + b"X\x00: b\r\n\r\n"),
        *(
            START + b"X : b\r\n\r\n",
            START + b"X: a\rb\r\n\r\n",
            b"GET  / HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
        ),
        START + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000000000\r\n",
        START + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        START + b"Transfer-Encoding: chunked\r\n\r\n0\n\n",
        START + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_what_follows_is_not_read(watch: Watch, data: bytes) -> None:
    with watch.hostile.connect() as connection:
        send_until_refused(connection, data + HIDDEN + LAST)
        assert statuses(connection) in ([400], [])  # none if the connection was reset while still sending
    assert watch.unchanged()


@pytest.mark.parametrize(
    "target",
    [b"http:/_control/reset", b"a:80", b"*", b"_control/reset", b"//_control/reset", b"/x/../_control/reset"],
)
def test_a_target_of_another_form_is_no_path(watch: Watch, target: bytes) -> None:
    assert watch.hostile.send(b"POST", target).status == 404
    assert watch.unchanged()


@pytest.mark.parametrize("host", [b"\xff]:x", b"", b"a/b", b"[", b"a@b:c"])
def test_a_host_of_any_bytes_is_only_repeated(watch: Watch, host: bytes) -> None:
    with watch.hostile.connect() as connection:
        connection.sendall(b"GET /.well-known/openid-configuration HTTP/1.0\r\nHost: " + host + b"\r\n\r\n")
        assert reply(connection).body["issuer"] == f"http://{host.decode('latin-1')}/"


def test_requests_in_a_row_are_answered_in_their_order(watch: Watch) -> None:
    with watch.hostile.connect() as connection:
        connection.sendall(START + b"Content-Length: 2\r\n\r\n{}" + LAST.replace(b"close", b"keep-alive") * 20 + LAST)
        assert statuses(connection) == [401, *[200] * 21]


def test_a_caller_that_asks_first_is_told_to_go_on(watch: Watch) -> None:
    with watch.hostile.connect() as connection:
        connection.sendall(START + b"Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert reply(connection).status == 401


@pytest.mark.parametrize("size", [b"%d" % 10**18, b"100"])
def test_a_body_that_does_not_come_is_no_request(watch: Watch, size: bytes) -> None:
    assert watch.hostile.exchange(HIDDEN.replace(b"Length: 0", b"Length: " + size) + b"{") == []
    assert (
        watch.hostile.exchange(HIDDEN.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"fff\r\n{") == []
    )
    assert watch.unchanged()


PIECES = [
    *(
        b"GET ",
        b"POST ",
        b"/oauth/token",
        b"/mfa/associate",
        b" HTTP/1.1",
        b" HTTP/1.0",
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
    ),
    *(
        b"Host: a\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"3\r\n{}\n\r\n",
    ),
    *(b"0\r\n\r\n", b"{}", b" ", b":", b"\t", b"Authorization: Bearer x\r\n", b"\xff", b"\x00", START, LENGTH),
]


@examples(150)
@given(pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=14))
def test_any_bytes_on_a_connection_are_no_undoing(watch: Watch, pieces: list[bytes]) -> None:
    assert all(status < 500 for status in watch.hostile.exchange(b"".join(pieces)))
    assert watch.hostile.send(b"GET", b"/_control/health").status == 200


def send_until_refused(connection: socket.socket, data: bytes) -> None:
    """Send everything, or as much as is accepted."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
