"""Messages that change nothing: they are answered, and leave no trace."""

from .commands import Reply, ReplyAnswer
from .decide import decide
from .events import Message, Woken
from .state import State


def answer_without_change(state: State, asked: Message) -> ReplyAnswer | None:
    """The answer to a message that leaves the state as time alone does. None when it changes more."""
    untouched, _ = decide(state, Woken(at=asked.at))
    touched, commands = decide(state, asked)
    if touched != untouched:
        return None
    return next((each.answer for each in commands if isinstance(each, Reply) and each.request == asked.request), None)
