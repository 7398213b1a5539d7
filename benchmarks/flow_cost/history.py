"""Size of a flow's history in bytes: events by kind, and the overhead of sealing."""

from collections import Counter
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from phone_mfa.encryption.codec import ENCODING, SealingCodec

_KINDS: Final = {
    "WORKFLOW_TASK": "steps",
    "ACTIVITY_TASK": "calls",
    "WORKFLOW_EXECUTION_UPDATE": "updates",
    "WORKFLOW_EXECUTION": "start and end",
    "WORKFLOW_PROPERTIES": "views",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "search attributes",
    "TIMER": "timers",
}
"""Kinds by prefix of the event type, longer prefixes first."""


@dataclass
class Weight:
    """A history. ``events`` and ``bytes_of``: by kind. ``payload_bytes``: of the payloads in all kinds;
    ``plain_bytes``: of their content.
    """

    events: Counter[str] = field(default_factory=Counter)
    bytes_of: Counter[str] = field(default_factory=Counter)
    payloads: int = 0
    payload_bytes: int = 0
    plain_bytes: int = 0


def weigh(history: WorkflowHistory, codec: SealingCodec) -> Weight:
    """Measure one history. ``codec`` opens sealed payloads."""
    weight = Weight()
    for event in history.events:
        kind = _kind(event)
        weight.events[kind] += 1
        weight.bytes_of[kind] += event.ByteSize()
        for payload in _payloads(event):
            sealed = payload.metadata.get("encoding") == ENCODING
            weight.payloads += 1
            weight.payload_bytes += payload.ByteSize()
            weight.plain_bytes += len((codec.opened(payload) if sealed else payload).data)
    return weight


def _kind(event: HistoryEvent) -> str:
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    return next((kind for start, kind in _KINDS.items() if name.startswith(start)), name.lower())


def _payloads(value: object) -> Iterator[Payload]:
    if isinstance(value, Payload):
        yield value
    elif isinstance(value, Message):
        for _, inner in value.ListFields():
            yield from _payloads(inner)
    elif isinstance(value, MutableMapping):
        yield from _payloads(value.values())
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for each in value:
            yield from _payloads(each)
