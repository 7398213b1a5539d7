"""Redaction of workflow metadata, which Temporal's UI queries: current details and message names.

The only payload of ours in a Temporal format. Its texts are written by the workflows, and may quote reasons that people
gave.
"""

from collections.abc import Iterable, Iterator
from typing import Final, cast

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata

from .redaction import redact_text

METADATA: Final = WorkflowMetadata.DESCRIPTOR.full_name.encode()


def redact_metadata(data: bytes) -> Payload | None:
    """Returns the metadata with everything redacted that looks like a secret; None if the data are invalid."""
    message = WorkflowMetadata()
    try:
        json_format.Parse(data.decode(), message, ignore_unknown_fields=True)
        _clean(message)
        text = json_format.MessageToJson(message, indent=None)
    except (json_format.ParseError, ValueError, RecursionError):
        return None
    return Payload(metadata={"encoding": b"json/protobuf", "messageType": METADATA}, data=text.encode())


def _clean(message: Message) -> None:
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, redact_text(value))
        for inner in _messages(field, value):
            _clean(inner)


def _messages(field: FieldDescriptor, value: object) -> Iterator[Message]:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        yield from cast(Iterable[Message], [value] if isinstance(value, Message) else value)
