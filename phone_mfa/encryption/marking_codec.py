"""Worker codec that tolerates payloads that do not open: it rejects the one message and keeps the flow.

Temporal has the codec decode all payloads of a step at once. An error there makes the whole flow fail or hang because
of one bad signal. So the codec replaces such a payload by a mark, and the payload converter raises when it is
read: a signal is then dropped and logged, an update or query is answered with the error, a start fails. (Measured with
temporalio 1.35 and server 1.32.)
"""

from collections.abc import Iterable, Sequence
from typing import Final

from temporalio.api.common.v1 import Payload

from .codec import SealingCodec
from .errors import SealError, UnknownKeyError
from .payload_binding import Place

_MARK: Final = b"binary/unopened"


class MarkingCodec(SealingCodec):
    """Replaces a payload that does not open by a mark.

    Still raises ``UnknownKeyError`` for a key that is proven to belong to our ring: Temporal then retries the step
    until the key is available, so that a key dropped too early or not yet delivered only delays the flow.
    """

    def sealed(self, payload: Payload) -> Payload:
        """Returns the payload sealed for this place, or for no flow if there is no place."""
        if self._place is None:
            return super().sealed(Place().bound(payload))
        return super().sealed(payload)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open or mark each payload."""
        return [self._opened_or_marked(payload) for payload in payloads]

    def _opened_or_marked(self, payload: Payload) -> Payload:
        try:
            return self.opened(payload)
        except UnknownKeyError:
            raise
        except SealError as error:
            return Payload(metadata={"encoding": _MARK}, data=error.message.encode())


def is_marked(payload: Payload) -> bool:
    """Whether the payload did not open."""
    return payload.metadata.get("encoding") == _MARK


def refuse_marked(payloads: Iterable[Payload]) -> None:
    """Check payloads before conversion. Raises ``SealError`` if one of them did not open."""
    for payload in payloads:
        if is_marked(payload):
            raise SealError(payload.data.decode())
