"""The smallest workflow that a stale query breaks: it compares ``workflow.now()`` with a time of its own."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Sleeper:
    """Sleeps until it is due, in as many turns as that takes; then waits to be told to end."""

    def __init__(self) -> None:
        self.woke_at: list[float] = []
        self.told_to_end = False

    @workflow.run
    async def run(self, seconds: float) -> None:
        due = workflow.now() + timedelta(seconds=seconds)
        while workflow.now() < due:
            await workflow.sleep(due - workflow.now())
            self.woke_at.append(workflow.now().timestamp())
        await workflow.wait_condition(lambda: self.told_to_end)

    @workflow.signal
    def end(self) -> None:
        self.told_to_end = True

    @workflow.query
    def times_of_waking(self) -> list[float]:
        return self.woke_at
