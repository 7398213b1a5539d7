"""Finds the payloads in what Temporal returns."""

from collections.abc import Iterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload


def payloads_in(message: Message) -> Iterator[Payload]:
    """Every payload, at any depth."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for inner in _messages(value):
            yield from payloads_in(inner)


def _messages(value: object) -> Iterator[Message]:
    if isinstance(value, Message):
        yield value
    elif hasattr(value, "values"):
        yield from (inner for inner in value.values() if isinstance(inner, Message))
    else:
        yield from value  # type: ignore[misc]
