"""Ends what was started under a name that no flow has, instead of letting it fail again and again."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError


@workflow.defn(dynamic=True)
class UnknownWorkflow:
    """A start of no type of ours."""

    @workflow.run
    async def run(self, arguments: Sequence[RawValue]) -> None:
        """Fail once, with the reason."""
        raise ApplicationError("There is no workflow of this type here.", type="BadInput", non_retryable=True)
