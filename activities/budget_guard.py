"""Interceptor that stands before Auth0: refuses messages and checks beyond a budget, counts those that were made.

Every refusal is logged and counted in metrics, without a value.
"""

from typing import Any, Final, get_type_hints

import structlog
from pydantic import SecretStr
from temporalio import activity
from temporalio.common import MetricCounter
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from phone_mfa.contracts import Budget, reveal
from phone_mfa.contracts.calls import Answer, Associate, Challenge, CheckCode, CheckRecoveryCode, Refusal
from phone_mfa.phone_numbers import PhoneNumberError, parsed

from .budgets import Budgets, Check, Message, Spent, phone_of

PERHAPS_SENT: Final = frozenset({Refusal.AMBIGUOUS, Refusal.UNDELIVERABLE})
"""Refusals after which a message counts: the provider was asked, or may have been."""


class BudgetGuard(Interceptor):
    """Interceptor for the workers that run the activities."""

    def __init__(self, budgets: Budgets | None = None) -> None:
        """``budgets``: by default, only that of wrong codes, counted by this interceptor."""
        self._budgets = budgets or Budgets()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the interceptor that wraps the activity."""
        return _Guarded(next, self._budgets)


class _Guarded(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, budgets: Budgets) -> None:
        super().__init__(next)
        self._budgets = budgets

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        request = input.args[0] if input.args else None
        if isinstance(request, Associate | Challenge):
            return await self._send(input, request)
        if isinstance(request, CheckCode | CheckRecoveryCode):
            return await self._check(input, request)
        return await super().execute_activity(input)

    async def _send(self, input: ExecuteActivityInput, request: Associate | Challenge) -> Answer:
        try:
            message = _message_of(request)
        except PhoneNumberError:  # E.164 by its form, but in no numbering plan: nothing could be sent there
            return _refused(input, _reported(Spent(Budget.NUMBER_RULE, None, enforced=True)))
        if message.number:  # callers of ours read numbers as people type them; others may send +49 0172...
            input.args = [request.model_copy(update={"phone_number": message.number.e164})]
        spent = await self._budgets.take(message)
        if spent and _reported(spent).enforced:
            return _refused(input, spent)
        answer = await self._sent(input, message)
        if answer.refusal is not None:
            return answer
        if await self._budgets.is_shared(message):
            structlog.get_logger("activities").warning("number.shared_by_users")
            _counter("phone_mfa_shared_numbers", "Users whose number another user has, too").add(1)
        return answer.model_copy(update={"user_budget": await self._budgets.left(message)})

    async def _sent(self, input: ExecuteActivityInput, message: Message) -> Answer:
        """Send, and take back the count of a message that certainly was not sent."""
        try:
            answer: Answer = await super().execute_activity(input)
        except ApplicationError as error:
            if error.non_retryable:  # Auth0 refused in a way that an operator must act on
                await self._budgets.give_back(message)
            raise
        if answer.refusal and answer.refusal not in PERHAPS_SENT:
            await self._budgets.give_back(message)
        return answer

    async def _check(self, input: ExecuteActivityInput, request: CheckCode | CheckRecoveryCode) -> Answer:
        check = Check(request.origin, _flow_id(), _recipient_of(request))
        pause = await self._budgets.begin_check(check)
        if pause and _reported(pause).enforced:
            return _refused(input, pause)
        try:
            answer: Answer = await super().execute_activity(input)
        except ApplicationError:
            await self._budgets.end_check(check, Refusal.AMBIGUOUS)
            raise
        await self._budgets.end_check(check, answer.refusal)
        return answer.model_copy(update={"user_budget": await self._budgets.tries_left(check)})


def _message_of(request: Associate | Challenge) -> Message:
    if isinstance(request, Challenge):
        return Message(request.origin, _flow_id(), authenticator_id=request.authenticator_id)
    return Message(request.origin, _flow_id(), number=parsed(reveal(request.phone_number)))


def _recipient_of(request: CheckCode | CheckRecoveryCode) -> SecretStr | None:
    """Return what the code was sent to."""
    if isinstance(request, CheckRecoveryCode):
        return None
    if request.phone_number:
        return parsed(reveal(request.phone_number)).reaches
    return phone_of(request.authenticator_id) if request.authenticator_id else None


def _flow_id() -> str:
    return activity.info().workflow_id or ""


def _reported(spent: Spent) -> Spent:
    """Report a spent budget in log and metrics."""
    structlog.get_logger("activities").warning(
        "budget.spent",
        budget=spent.budget.value,
        enforced=spent.enforced,
        seconds=spent.seconds and round(spent.seconds),
    )
    counter = _counter("phone_mfa_spent_budgets", "Messages and checks that a spent budget stopped, or would have")
    counter.add(1, {"budget": spent.budget.value, "enforced": str(spent.enforced).lower()})
    return spent


def _refused(input: ExecuteActivityInput, spent: Spent) -> Answer:
    """Return the answer in Auth0's place."""
    refusal = Refusal.NUMBER_NOT_ALLOWED if spent.budget is Budget.NUMBER_RULE else Refusal.BUDGET_SPENT
    answer: Answer = get_type_hints(input.fn)["return"](
        refusal=refusal, budget=spent.budget, retry_after_seconds=spent.seconds
    )
    return answer


def _counter(name: str, what: str) -> MetricCounter:
    return activity.metric_meter().create_counter(name, what)
