"""Fallback workflow: fails workflows of unknown type once, instead of letting them fail again and again."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError


@workflow.defn(dynamic=True)
class UnknownWorkflow:
    """Any workflow type that is not one of ours."""

    @workflow.run
    async def run(self, arguments: Sequence[RawValue]) -> None:
        """Fail with the reason, without a retry."""
        raise ApplicationError("This worker has no workflow of that type.", type="BadInput", non_retryable=True)
