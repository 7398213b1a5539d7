"""Answers messages that change nothing, so that they need not enter history."""

from .commands import Reply, ReplyAnswer
from .decide import decide
from .events import Message, Woken
from .state import State


def answer_without_change(state: State, asked: Message) -> ReplyAnswer | None:
    """Return the answer to a message that changes no more than the passage of time does; None if it changes more."""
    untouched, _ = decide(state, Woken(at=asked.at))
    touched, commands = decide(state, asked)
    if touched != untouched:
        return None
    return next((each.answer for each in commands if isinstance(each, Reply) and each.request == asked.request), None)
