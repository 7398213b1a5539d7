"""Wakes waiters on a change."""

import asyncio


class Notifier:
    """Wakes everyone who took a ticket before the ring. Keeps no list of waiters, so none can leak."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Returns the event of the next ring. Take it before reading the state, then wait for it."""
        return self._next

    def ring(self) -> None:
        """Wake all waiters."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()
