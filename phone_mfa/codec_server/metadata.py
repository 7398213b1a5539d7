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

from .redaction import Redaction

METADATA: Final = WorkflowMetadata.DESCRIPTOR.full_name.encode()


def redact_metadata(data: bytes, redaction: Redaction) -> Payload | None:
    """Returns the metadata with everything redacted that looks like a secret; None if the data are invalid or large."""
    message = WorkflowMetadata()
    try:
        text = data.decode()
        if not redaction.budget.spend_message(text):
            return None
        json_format.Parse(text, message, ignore_unknown_fields=True)
        _clean(message, redaction)
        text = json_format.MessageToJson(message, indent=None)
    except (json_format.ParseError, ValueError, RecursionError):
        return None
    return Payload(metadata={"encoding": b"json/protobuf", "messageType": METADATA}, data=text.encode())


def _clean(message: Message, redaction: Redaction) -> None:
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, redaction.text(value))
        for inner in _messages(field, value):
            _clean(inner, redaction)


def _messages(field: FieldDescriptor, value: object) -> Iterator[Message]:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        yield from cast(Iterable[Message], [value] if isinstance(value, Message) else value)
