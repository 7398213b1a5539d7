"""What a worker does about payloads that do not open: refuse the one message, and keep the flow.

Temporal asks the codec for all payloads of a step at once. An error there is the whole flow's: it fails, or hangs, for
one bad signal. So the codec puts a mark in the payload's place, and the payload converter raises when somebody reads
it: a signal is then dropped and logged, an update or query is answered with the error, a start fails. (Measured with
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
    """Puts a mark in the place of a payload that does not open.

    Raises ``UnknownKeyError`` all the same, for a key that is proved to be of our ring: the step is then tried again
    until the key is there, and one that was dropped too early, or has not arrived yet, costs time and no flow.
    """

    def sealed(self, payload: Payload) -> Payload:
        """The payload, sealed where it belongs; without a place, as of no flow."""
        if self._place is None:
            return super().sealed(Place().marked(payload))
        return super().sealed(payload)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open each, or mark it."""
        return [self._opened_or_marked(payload) for payload in payloads]

    def _opened_or_marked(self, payload: Payload) -> Payload:
        try:
            return self.opened(payload)
        except UnknownKeyError:
            raise
        except SealError as error:
            return Payload(metadata={"encoding": _MARK}, data=error.message.encode())


def is_marked(payload: Payload) -> bool:
    """Whether it did not open."""
    return payload.metadata.get("encoding") == _MARK


def refuse_marked(payloads: Iterable[Payload]) -> None:
    """For the payload converter, before it reads. Raises ``SealError`` when one of them did not open."""
    for payload in payloads:
        if is_marked(payload):
            raise SealError(payload.data.decode())
