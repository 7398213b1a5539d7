"""Callers waiting for an answer from the flow, by the names of their requests."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine.commands import ReplyAnswer


class Replies:
    """Pending replies. Each request is answered once."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[ReplyAnswer]] = {}

    def expect(self, request: str) -> "asyncio.Future[ReplyAnswer]":
        """Register a request and return the future of its answer."""
        self._waiting[request] = asyncio.get_running_loop().create_future()
        return self._waiting[request]

    def give(self, request: str, answer: "ReplyAnswer") -> None:
        """Answer a request. Requests made in an earlier run are no longer waiting and are ignored."""
        waiting = self._waiting.pop(request, None)
        if waiting:
            waiting.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Fail all waiting requests."""
        for request in tuple(self._waiting):
            self._waiting.pop(request).set_exception(error)
