"""Waking those who wait for something to change."""

import asyncio


class Notifier:
    """Rings for everyone who took a ticket before the ring; nobody is listed, so nobody can be left behind."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """The next ring. Take it before looking at what may change, then wait for it."""
        return self._next

    def ring(self) -> None:
        """Wake all who wait."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()
