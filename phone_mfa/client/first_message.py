"""Starts a flow and waits until its first message is out, in one request to Temporal."""

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


async def started_and_sent(client: Client, start: Start, asked: ResendCode, within: timedelta) -> SendReceipt | None:
    """What became of the first message. None when that is not known in time, or the flow is over without one.

    When it is not known in time, neither is whether the flow is started. Who asks a new flow for a message is told of
    the one that is on its way. Raises what a start raises.
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
        return answer_in_details(error.cause, SendReceipt)  # where a login is needed first
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from None
        return None
    return cast(SendReceipt, receipt)


def _take_note(started: "asyncio.Task[Any]") -> None:
    """What a start raises is raised by the update, too."""
    if not started.cancelled():
        started.exception()
