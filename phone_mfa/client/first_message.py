"""Starts a flow and waits until its first message is sent, in one request to Temporal."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any, TypeAlias, cast

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)

from phone_mfa.contracts import ResendCode, SendReceipt, names

from .error_mapping import answer_in_details

Start: TypeAlias = WithStartWorkflowOperation[Any, Any]


async def start_and_send(client: Client, start: Start, asked: ResendCode, within: timedelta) -> SendReceipt | None:
    """Start a flow and return the receipt of its first message. None on timeout, or if the flow ended without one.

    After a timeout it is also unknown whether the flow has started. A resend request to a new flow returns the receipt
    of the message already on its way. Raises what a start raises.
    """
    asyncio.create_task(start.workflow_handle()).add_done_callback(_take_note)
    try:
        async with asyncio.timeout(within.total_seconds()):
            receipt = await client.execute_update_with_start_workflow(
                names.RESEND_CODE,
                asked,
                start_workflow_operation=start,
                id=str(uuid.uuid4()),
                result_type=SendReceipt,
                rpc_timeout=within,
            )
    except WorkflowUpdateFailedError as error:
        return answer_in_details(error.cause, SendReceipt)  # a login is needed first
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from None
        return None
    return cast(SendReceipt, receipt)


def _take_note(started: "asyncio.Task[Any]") -> None:
    """Mark the exception as retrieved: the update raises the same one."""
    if not started.cancelled():
        started.exception()
