"""Where a payload belongs: in one flow, and there, if it goes to an activity or comes from one, in one call of it.

Who can write to a namespace can copy what they cannot read. So the place is sealed in with the payload, and whoever
reads for another place refuses it. Temporal's UI tells the codec server no flow: without a place nothing is compared.

Temporal's clients seal the headers of their requests for no flow. Such a payload opens anywhere, but keeps the empty
name of its flow, and the converter takes no message of ours from it.
"""

from dataclasses import dataclass
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import ActivitySerializationContext, SerializationContext, WorkflowSerializationContext

from .errors import SealError

FLOW: Final = "flow"
CALL: Final = "call"
NO_FLOW: Final = b""


@dataclass(frozen=True, slots=True)
class Place:
    """A workflow id, and the id of an activity in it. Without either: of no flow.

    A flow must give its activities ids of its own: one that the SDK counts is not known yet when their input is sealed.
    """

    flow: str = ""
    call: str = ""

    @classmethod
    def of(cls, context: SerializationContext) -> "Place | None":
        """What Temporal's SDK says of whom a payload is for; ``None`` where that is neither a flow nor its activity."""
        match context:
            case WorkflowSerializationContext(workflow_id=flow):
                return cls(flow)
            case ActivitySerializationContext(workflow_id=str(flow), activity_id=call):
                return cls(flow, call or "")
        return None

    def marked(self, payload: Payload) -> Payload:
        """The payload with its place in its metadata."""
        return _with_metadata(payload, {**payload.metadata, **self._metadata()})

    def checked(self, payload: Payload) -> Payload:
        """The payload without its place. Raises ``SealError`` when that is another one."""
        if is_of_no_flow(payload):
            return payload
        ours = self._metadata()
        if {name: payload.metadata[name] for name in (FLOW, CALL) if name in payload.metadata} != ours:
            raise SealError("The payload does not belong here: it was sealed for another flow, or another call in it.")
        return _with_metadata(payload, {name: payload.metadata[name] for name in payload.metadata if name not in ours})

    def _metadata(self) -> dict[str, bytes]:
        return {FLOW: self.flow.encode()} | ({CALL: self.call.encode()} if self.call else {})


def is_of_no_flow(payload: Payload) -> bool:
    """Whether an opened payload was sealed for no flow in particular."""
    return payload.metadata.get(FLOW) == NO_FLOW


def _with_metadata(payload: Payload, metadata: dict[str, bytes]) -> Payload:
    return Payload(metadata=metadata, data=payload.data, external_payloads=payload.external_payloads)
