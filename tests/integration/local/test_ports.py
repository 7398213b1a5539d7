"""Where the processes listen: where people expect them, if nobody else is there."""

import socket

from starter.local.ports import LOOPBACK, Ports


def test_a_port_that_is_taken_is_replaced_and_no_port_is_given_twice() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken, socket.socket() as free:
        free.bind((LOOPBACK, 0))
        wished = Ports(taken.getsockname()[1], free.getsockname()[1], 0, 0, 0, 0)
        free.close()

        found = wished.free()

    assert found.temporal != wished.temporal
    assert found.ui == wished.ui
    assert len(set(vars(found).values())) == 6


def test_a_port_whose_listener_was_just_stopped_is_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)), listening.accept()[0] as accepted:
            accepted.shutdown(socket.SHUT_RDWR)  # this side waits now, as a stopped server's does

    assert Ports(temporal=port).free().temporal == port
