"""Kinds of flood messages: updates and signals, valid and malformed. None of them ends a flow."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.client import Flows, LimitReachedError, RefusedMessageError
from phone_mfa.contracts import BindingCode, Channel, ProvideMfaToken, names

FIRST_TOKEN: Final = "Fe26.2*first"  # noqa: S105  # of a pretend login
LONG: Final = "1" * 1_000

TAKEN: Final = "taken"
REFUSED: Final = "refused"
FULL: Final = "too many for Temporal"


@dataclass(frozen=True)
class Target:
    """The flooded flow, and counts by kind of message and by response."""

    flows: Flows
    flow: str
    handle: WorkflowHandle[Any, Any]
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def poke(self, kind: "Kind", number: int) -> None:
        """Send one message."""
        self.counted[kind.name, await self._answer_to(kind, number)] += 1

    async def _answer_to(self, kind: "Kind", number: int) -> str:
        try:
            await kind.send(self, number)
        except (WorkflowUpdateFailedError, RefusedMessageError):
            return REFUSED
        except LimitReachedError:
            return FULL
        except RPCError as error:
            return FULL if error.status is RPCStatusCode.INVALID_ARGUMENT else type(error).__name__
        except Exception as error:  # anything else is told at the end
            return type(error).__name__
        return TAKEN


@dataclass(frozen=True)
class Kind:
    """One kind of message. ``by_signal``: sent without waiting for a response."""

    name: str
    send: Callable[[Target, int], Awaitable[object]]
    by_signal: bool = False


def _token(text: str) -> ProvideMfaToken:
    return ProvideMfaToken(mfa_token=SecretStr(text))


def _old_code(number: int) -> BindingCode:
    """A code for the first, superseded message. No two consecutive ones are equal."""
    return BindingCode(code=SecretStr(f"{number % 1_000_000:06}"), message=1)


KINDS: Final[Sequence[Kind]] = (
    Kind("resend, too early", lambda to, _: to.flows.resend(to.flow)),
    Kind("other channel, too early", lambda to, _: to.flows.switch_channel(to.flow, Channel.VOICE)),
    Kind("the first token", lambda to, _: to.flows.renew_token(to.flow, _token(FIRST_TOKEN))),
    Kind("fresh token", lambda to, number: to.flows.renew_token(to.flow, _token(f"Fe26.2*{number}"))),
    Kind("old code", lambda to, number: to.flows.check_binding_code(to.flow, _old_code(number))),
    Kind("code that is none", lambda to, _: to.handle.execute_update(names.CHECK_BINDING_CODE, {"code": "none"})),
    Kind("code that is too long", lambda to, _: to.handle.execute_update(names.CHECK_BINDING_CODE, {"code": LONG})),
    Kind("code without a code", lambda to, _: to.handle.execute_update(names.CHECK_BINDING_CODE)),
    Kind("update no flow has", lambda to, _: to.handle.execute_update("no_such_update", LONG)),
    Kind("signal: first token", lambda to, _: to.flows.provide_token(to.flow, _token(FIRST_TOKEN)), by_signal=True),
    Kind(
        "signal: fresh token",
        lambda to, number: to.flows.provide_token(to.flow, _token(f"Fe26.2*{number}")),
        by_signal=True,
    ),
    Kind(
        "signal: old code", lambda to, number: to.flows.submit_binding_code(to.flow, _old_code(number)), by_signal=True
    ),
    Kind(
        "signal: code too long",
        lambda to, _: to.handle.signal(names.SUBMIT_BINDING_CODE, {"code": LONG}),
        by_signal=True,
    ),
    Kind("signal: a number", lambda to, number: to.handle.signal(names.SUBMIT_BINDING_CODE, number), by_signal=True),
    Kind("signal: no argument", lambda to, _: to.handle.signal(names.CANCEL_FLOW), by_signal=True),
    Kind("signal: two arguments", lambda to, _: to.handle.signal(names.CANCEL_FLOW, args=[{}, {}]), by_signal=True),
    Kind("signal: no flow has it", lambda to, _: to.handle.signal("no_such_signal", LONG), by_signal=True),
)
