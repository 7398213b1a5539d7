"""Ends a user's running flow for another start: the flow that was compared with it, and no other."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from phone_mfa.contracts import CancelFlow, names

from .errors import FinishedFlowError, LimitReachedError, UnknownFlowError
from .workflow_client import WorkflowClient

SUPERSEDED: Final = "Another start of the user's flow has replaced this one."

ENDS_WITHIN: Final = timedelta(seconds=5)
"""How long the flow may take to end by itself, so that it can remove its unconfirmed phones at Auth0. With a worker and
an Auth0 that answer, it takes less than a second."""


async def replace_flow(flow: WorkflowClient, flow_id: str, at: datetime) -> None:
    """End the flow that ``flow`` is limited to as superseded. Terminates it if no worker ends it in time."""
    message = CancelFlow(reason=SUPERSEDED, superseded=True, sent_at=at)
    with suppress(FinishedFlowError, UnknownFlowError):
        with suppress(LimitReachedError):  # it takes no more signals
            await flow.signal(flow_id, names.CANCEL_FLOW, message)
        if not await flow.ends(flow_id, ENDS_WITHIN):
            await flow.terminate(flow_id, message, SUPERSEDED)
