"""What nobody should send: messages of the wrong shape, unsealed, under another key. Each holds secrets where it may.

What is sent unsealed is in Temporal for everybody, and is its sender's doing: it holds no secret here.
"""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.converter import DataConverter
from temporalio.exceptions import TemporalError

from phone_mfa.contracts import names
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import rotated
from phone_mfa.temporal import data_converter
from tests.system.leaks.play import Play

UNSEALED: Final = "what-somebody-sent-without-sealing-it"
"""Is in Temporal, for whoever looks. It must be in no log."""

_Anything = WorkflowHandle[object, object]


async def a_flow_that_hears_nonsense(play: Play) -> str:
    """It is told everything in every wrong way, and goes on."""
    person = await play.people.person()
    token = await play.people.mfa_token(person)
    flow = await play.enrolls(person, token=token)
    await play.message(flow, 1)
    code = await play.people.code(person.number)
    for nonsense in (
        {"code": int(code)},
        {"code": {"of": person.number}},
        {"code": f"{code} {code}", "submission_id": 7},
        {"mfa_token": f"{token} {token}"},
        {"phone_number": f"{person.number} of {person.email}"},
        {"recovery_code": {person.email: token}},
        {"reason": [person.number, code]},
        {"channel": person.number, code: token},
        [code, token],
        code,
        None,
    ):
        await _say(play.handle(flow), nonsense)
    for arguments in ([code, token], []):
        await _say(play.handle(flow), *arguments)
    await _say(_told_by(await play.stack.uncoded(), flow), UNSEALED)
    await play.check(flow, code)
    return flow


async def _say(flow: _Anything, *arguments: object) -> None:
    for name in (names.SUBMIT_BINDING_CODE, names.PROVIDE_MFA_TOKEN, "no_such_signal"):
        await flow.signal(name, args=arguments)
    for name in (
        names.CHECK_BINDING_CODE,
        names.RENEW_MFA_TOKEN,
        names.SWITCH_CHANNEL,
        names.CHANGE_PHONE_NUMBER,
        names.CHECK_RECOVERY_CODE,
        "no_such_update",
    ):
        await _refused(flow.execute_update(name, args=arguments))
    for name in (names.VIEW, "no_such_query"):
        await _refused(flow.query(name, args=arguments))


async def _refused(call: Awaitable[object]) -> None:
    with suppress(WorkflowUpdateFailedError, WorkflowQueryFailedError, TemporalError):
        await call


async def a_flow_that_is_terminated_at_a_message_under_another_key(play: Play) -> None:
    """Its workflow tasks fail until the key arrives, which it never does."""
    person = await play.people.person()
    flow = await play.enrolls(person)
    await play.message(flow, 1)
    other = data_converter(FixedRing(rotated(play.stack.own.ring)), "default")
    await _told_by(_with(play.engine.client, other), flow).signal(names.SUBMIT_BINDING_CODE, {"code": person.number})
    async for event in play.handle(flow).fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            break
    await play.handle(flow).terminate(reason="the key is lost")


async def flows_that_start_with_nonsense(play: Play) -> None:
    """They fail at once."""
    person = await play.people.person()
    token = await play.people.mfa_token(person)
    for kind, request in (
        (names.ENROLLMENT_WORKFLOW, {"phone_number": person.number[1:], "mfa_token": token}),
        (names.ENROLLMENT_WORKFLOW, {"mfa_token": [token], "phone_number": int(person.number)}),
        (names.CHALLENGE_WORKFLOW, {"mfa_token": f"{person.email} {token}", "recipient": play.recipient.private}),
        (names.CHALLENGE_WORKFLOW, [person.number, token]),
    ):
        await _start(play, play.engine.client, kind, request)
    await _start(play, await play.stack.uncoded(), names.ENROLLMENT_WORKFLOW, UNSEALED)


async def _start(play: Play, client: Client, kind: str, request: object) -> None:
    flow = play.flows.flow_id("enroll", repr(request))
    handle = await client.start_workflow(kind, request, id=flow, task_queue=play.task_queue)
    with suppress(TemporalError):
        await handle.result()


def _told_by(client: Client, flow: str) -> _Anything:
    return client.get_workflow_handle(flow)


def _with(client: Client, converter: DataConverter) -> Client:
    config = client.config()
    config["data_converter"] = converter
    return Client(**config)
