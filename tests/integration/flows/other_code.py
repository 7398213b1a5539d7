"""Another version of what flows run: it gives commands that ours never gives."""

from datetime import timedelta

from temporalio import workflow

from workflows.driver import Driver


class OtherDriver(Driver):
    """Waits for something of its own before each step."""

    async def _step(self) -> None:
        await workflow.sleep(timedelta(milliseconds=2))
        await super()._step()
