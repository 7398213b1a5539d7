"""Routes that send messages to flows, and return the flows' responses."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Response
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.auth import FlowAccess, ServiceRun, WritableFlow
from gateway.context import context_of
from gateway.numbers import refuse_number
from gateway.preferences import LATER, of_headers
from gateway.problems import ProblemError, header_doc, problem_responses
from gateway.schemas import (
    AcceptedAnswer,
    ChannelRequest,
    CodeRequest,
    NumberRequest,
    RecoveryCodeRequest,
    TokenRequest,
)
from gateway.status_codes import VERDICTS, WITHHELD
from phone_mfa.client.errors import FinishedFlowError, FlowsError, NoAnswerYetError
from phone_mfa.contracts import CodeVerdict, FlowView, Outcome, SendReceipt

router = APIRouter(tags=["messages"])

_ALWAYS: Final = (
    *("unauthorized", "unknown-flow", "flow-over", "bad-input", "too-many-requests", "too-long", "too-slow"),
    *("flow-failed", "flow-unreadable", "no-worker", "step-fails", "engine-limit", "no-answer-yet"),
    "engine-unreachable",
)
_ALWAYS_OF_SENDING: Final = (*_ALWAYS, "too-early", "no-message-left", "not-possible")
_SENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The message was sent."},
    202: {"model": FlowView, "description": "The message is sent automatically once Auth0 or a login allows it."},
}
_SENDING: Final = _SENT | problem_responses(*_ALWAYS_OF_SENDING)


def _later(
    request: Request,
    prefer: Annotated[str | None, Header(description="`respond-async`: do not wait for the verdict.")] = None,
) -> bool:
    """Parses all ``Prefer`` headers; the ``prefer`` parameter only documents them."""
    return LATER in of_headers(request.headers.getlist("prefer"))


Later = Annotated[bool, Depends(_later)]


@router.post(
    "/v1/flows/{flow_id}/binding-code",
    summary="Check a code",
    operation_id="checkBindingCode",
    response_model=CodeVerdict,
    responses={
        202: {
            "model": AcceptedAnswer,
            "description": "Accepted, without a verdict.",
            "headers": header_doc("Preference-Applied", f"`{LATER}`."),
        },
        **problem_responses(*_ALWAYS),
    },
)
async def check_binding_code(
    response: Response,
    flow: WritableFlow,
    body: CodeRequest,
    later: Later,
) -> Any:
    """Checks a code from the phone. Returns its verdict; the same `submission_id` returns the same verdict again."""
    code = body.contract
    if later:
        await flow.flows.submit_binding_code(flow.flow_id, code)
        return JSONResponse(AcceptedAnswer().model_dump(), 202, {"Preference-Applied": LATER})
    return _judged(response, await flow.flows.check_binding_code(flow.flow_id, code))


@router.post(
    "/v1/flows/{flow_id}/recovery-code-check",
    summary="Check a recovery code",
    operation_id="checkRecoveryCode",
    responses=problem_responses(*_ALWAYS, "not-possible"),
)
async def check_recovery_code(response: Response, flow: WritableFlow, body: RecoveryCodeRequest) -> CodeVerdict:
    """Checks a recovery code instead of one from the phone, in a challenge. The result contains its replacement."""
    _refuse_unless(flow, "challenge", "Only a challenge accepts a recovery code.")
    return _judged(response, await flow.flows.check_recovery_code(flow.flow_id, body.contract))


@router.post("/v1/flows/{flow_id}/resend", summary="Send another code", operation_id="resendCode", responses=_SENDING)
async def resend(response: Response, flow: WritableFlow) -> FlowView:
    """Sends another message on the same channel."""
    return await _sent(response, flow, flow.flows.resend(flow.flow_id))


@router.post(
    "/v1/flows/{flow_id}/channel",
    summary="Send another code on another channel",
    operation_id="switchChannel",
    responses=_SENDING,
)
async def switch_channel(response: Response, flow: WritableFlow, body: ChannelRequest) -> FlowView:
    """Sends another message, by SMS or voice call."""
    return await _sent(response, flow, flow.flows.switch_channel(flow.flow_id, body.channel))


@router.post(
    "/v1/flows/{flow_id}/phone-number",
    summary="Change the phone number",
    operation_id="changePhoneNumber",
    responses=_SENT | problem_responses(*_ALWAYS_OF_SENDING, "number-not-allowed"),
)
async def change_number(request: Request, response: Response, flow: WritableFlow, body: NumberRequest) -> FlowView:
    """Changes the phone number of an enrollment. Does not have to wait for the next resend time."""
    _refuse_unless(flow, "enroll", "Only an enrollment accepts another number.")
    refuse_number(request, body.phone_number)
    return await _sent(response, flow, flow.flows.change_number(flow.flow_id, body.phone_number))


@router.post(
    "/v1/flows/{flow_id}/mfa-token",
    summary="Provide a new mfa_token",
    operation_id="renewMfaToken",
    responses=problem_responses(*_ALWAYS, "not-allowed"),
)
async def renew_token(request: Request, flow: ServiceRun, body: TokenRequest) -> FlowView:
    """Provides the `mfa_token` of a new login to a flow that waits for one or soon will.

    What the login brings, whoever has a flow token of this run can get: send it only to runs that you have started for
    this user.
    """
    context_of(request).rates.count_flow(flow.caller)
    await flow.flows.renew_token(flow.flow_id, body.contract)
    return await flow.flows.view(flow.flow_id)


@router.delete(
    "/v1/flows/{flow_id}",
    status_code=202,
    summary="Cancel a flow",
    operation_id="cancelFlow",
    responses=problem_responses(*_ALWAYS),
)
async def cancel(flow: WritableFlow) -> AcceptedAnswer:
    """Ends the flow. Removes an unfinished authenticator from Auth0 if the token allows it."""
    try:
        await flow.flows.cancel(flow.flow_id, "Cancelled through the gateway.")
    except FinishedFlowError:
        if not await _is_cancelled(flow):  # cancelling again is no error
            raise
    return AcceptedAnswer()


async def _is_cancelled(flow: FlowAccess) -> bool:
    try:
        return (await flow.flows.view(flow.flow_id)).outcome is Outcome.CANCELLED
    except FlowsError:  # failed or unreadable, but over in any case
        return False


def _judged(response: Response, verdict: CodeVerdict) -> CodeVerdict:
    response.status_code = VERDICTS[verdict.verdict]
    return verdict


def _refuse_unless(flow: FlowAccess, kind: str, sentence: str) -> None:
    if not flow.flow_id.startswith(f"{kind}-"):
        raise ProblemError("not-possible", sentence)


async def _sent(response: Response, flow: FlowAccess, asked: Awaitable[SendReceipt]) -> FlowView:
    try:
        receipt = await asked
    except NoAnswerYetError:  # the flow has the request; a retry would be a second one
        response.status_code = 202
        return await flow.flows.view(flow.flow_id)
    if receipt.withheld:
        problem = WITHHELD[receipt.withheld]
        if problem:
            at = receipt.allowed_at if problem == "too-early" else None
            raise ProblemError(problem, receipt.reason, retry_at=at)
        response.status_code = 202
    return await flow.flows.view(flow.flow_id)
