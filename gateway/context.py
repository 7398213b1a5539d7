"""What one gateway serves with, put together once in ``__main__``, and how a request finds it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request

from phone_mfa.api_keys import ApiKeys
from phone_mfa.client import Flows

from .flow_tokens import FlowTokens
from .idempotency import UsedKeys
from .metrics import Metrics
from .rate_limits import Rates
from .watcher import Watcher

DEADLINE: Final = 50
"""Seconds to the beginning of an answer; most proxies wait for 60.

What must not be made again when there was no answer ends before: a wish for a message. A start may be cut off, and made
again it finds its flow.
"""


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """All that answers are made of.

    ``deadline``: seconds to the beginning of an answer. ``origins``: of pages that may call us from elsewhere.
    ``theme``: a folder of the host's. ``return_url``: where the page sends people when there is nothing more to do.
    """

    flows: Flows
    keys: ApiKeys
    tokens: FlowTokens
    rates: Rates
    watching: Watcher
    metrics: Metrics
    used_keys: UsedKeys
    deadline: float = DEADLINE
    origins: tuple[str, ...] = ()
    theme: Path | None = None
    return_url: str | None = None


def context_of(request: Request) -> GatewayContext:
    """What the request is answered with."""
    served: GatewayContext = request.app.state.served
    return served
