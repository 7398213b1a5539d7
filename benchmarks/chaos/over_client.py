"""Talks to a flow by ``phone_mfa.client.Flows``, without the gateway."""

import json
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from phone_mfa.client import Flows
from phone_mfa.client.errors import (
    EngineUnreachableError,
    FailedFlowError,
    FinishedFlowError,
    NoAnswerYetError,
    NoWorkerError,
)
from phone_mfa.contracts import BindingCode, ProvideMfaToken, SendReceipt, StartChallenge, StartEnrollment, Withheld

from .callers import FailedError, NotNowError, OverError, RefusedError, View, WrongAnswerError
from .plan import Kind
from .tally import Tally

TABLE: Final = "answers of phone_mfa.client"

_SOON: Final = 1.0
"""Seconds. A receipt says when a resend is allowed; the policy of these flows is one second."""

T = TypeVar("T")


class FlowsCaller:
    """A client process with the keys."""

    def __init__(self, flows: Flows, tally: Tally, kind: Kind, user: str) -> None:
        self._all, self._flows, self._tally, self._kind, self._user = flows, flows, tally, kind, user
        self.flow_id = ""

    async def start(self, asked: Mapping[str, Any], attempt: str) -> None:
        """Start the flow, or attach."""
        made = self._all.attempt(attempt, json.dumps(asked))
        if self._kind is Kind.ENROLL:
            started = await self._say(self._all.enroll(self._user, StartEnrollment.model_validate(asked), made))
        else:
            started = await self._say(self._all.challenge(self._user, StartChallenge.model_validate(asked), made))
        self.flow_id, self._flows = started.flow_id, self._all.in_run(started.run_id)

    async def view(self) -> View:
        """Return the flow's view."""
        return View.of((await self._say(self._flows.view(self.flow_id))).model_dump(mode="json"))

    async def check(self, code: Mapping[str, Any]) -> str:
        """Submit a code and return its verdict."""
        return str(
            (await self._say(self._flows.check_binding_code(self.flow_id, BindingCode.model_validate(code)))).verdict
        )

    async def submit(self, code: Mapping[str, Any]) -> None:
        """Submit a code without waiting for the verdict."""
        await self._say(self._flows.submit_binding_code(self.flow_id, BindingCode.model_validate(code)))

    async def resend(self) -> None:
        """Request a resend."""
        _refuse_unsent(await self._say(self._flows.resend(self.flow_id)))

    async def change_number(self, number: str) -> None:
        """Enroll another number."""
        _refuse_unsent(await self._say(self._flows.change_number(self.flow_id, SecretStr(number))))

    async def renew(self, token: str) -> None:
        """Provide a fresh mfa_token."""
        await self._say(self._flows.renew_token(self.flow_id, ProvideMfaToken(mfa_token=SecretStr(token))))

    async def provide(self, token: str) -> None:
        """Provide a fresh mfa_token without waiting."""
        await self._say(self._flows.provide_token(self.flow_id, ProvideMfaToken(mfa_token=SecretStr(token))))

    async def cancel(self) -> None:
        """End the flow."""
        await self._say(self._flows.cancel(self.flow_id))

    async def _say(self, call: Awaitable[T]) -> T:
        try:
            answer = await call
        except Exception as error:
            self._tally.count(TABLE, type(error).__name__)
            raise _meant(error) from None
        self._tally.count(TABLE, "ok")
        return answer


def _meant(error: Exception) -> Exception:
    match error:
        case FinishedFlowError():
            return OverError(str(error))
        case FailedFlowError():
            return FailedError(str(error))
        case EngineUnreachableError() | NoWorkerError() | NoAnswerYetError():
            return NotNowError(type(error).__name__)
        case _:  # exceptions of other libraries must not reach a caller
            return WrongAnswerError(f"{type(error).__name__}: {error}")


def _refuse_unsent(receipt: SendReceipt) -> None:
    match receipt.withheld:
        case None | Withheld.LATER:
            return
        case Withheld.OVER:
            raise OverError(receipt.reason)
        case _:
            raise RefusedError(receipt.withheld, _SOON)
