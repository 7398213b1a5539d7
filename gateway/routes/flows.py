"""Routes that read flows: view, list, result."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from starlette.requests import Request

from gateway.auth import ByService, FlowAccess, ReadableFlow, ServiceFlow
from gateway.context import context_of
from gateway.etag import ViewDocument, is_known
from gateway.problems import ProblemError, header_doc, problem_responses
from gateway.schemas import FlowsAnswer, RecoveryCodeAnswer
from gateway.status_codes import OUTCOMES
from phone_mfa.client.listing import filter_of
from phone_mfa.contracts import ChallengeResult, EnrollmentResult, FlowView, Outcome, Phase

LONGEST_PAGE: Final = 200

router = APIRouter(tags=["flows"])

_ALWAYS: Final = (
    *("unauthorized", "unknown-flow", "bad-input", "too-many-requests"),
    *("flow-failed", "flow-unreadable", "engine-unreachable"),
)

_ETAG: Final = header_doc("ETag", "The tag of this view, for `If-None-Match`.")

_LISTED: Final = {
    name: {"operationId": operation, "parameters": {"flow_id": "$response.body#/flows/0/flow_id"}}
    for name, operation in (("view", "showFlow"), ("result", "showResult"))
}


@router.get(
    "/v1/flows/{flow_id}",
    summary="Show a flow",
    operation_id="showFlow",
    response_model=FlowView,
    responses={
        200: {"headers": _ETAG},
        304: {"description": "Not modified.", "headers": _ETAG},
        **problem_responses(*_ALWAYS),
    },
)
async def view(
    request: Request,
    flow: ReadableFlow,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of the last view received.")] = None,
) -> Response:
    """Returns the view of the flow. It contains no secrets."""
    seen = ViewDocument.of(await flow.flows.view(flow.flow_id)).to(service=request.state.service)
    headers = {"ETag": seen.etag, "Cache-Control": "private, no-cache"}
    if is_known(seen.tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(seen.text, headers=headers, media_type="application/json")


@router.get(
    "/v1/flows",
    summary="List flows",
    operation_id="listFlows",
    responses={
        200: {"links": _LISTED},
        **problem_responses("unauthorized", "not-allowed", "bad-input", "too-many-requests", "engine-unreachable"),
    },
)
async def flows(
    request: Request,
    _: ByService,
    phase: Annotated[Phase | None, Query(description="Only flows in this phase.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only flows with this outcome.")] = None,
    cursor: Annotated[str | None, Query(max_length=4096, description="`next_cursor` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Flows per page.")] = 50,
) -> FlowsAnswer:
    """Returns flows, newest first. Temporal's list lags by about a second."""
    query = filter_of(phase, outcome)
    return FlowsAnswer.of(await context_of(request).flows.page(query, limit, cursor))


@router.get(
    "/v1/flows/{flow_id}/result",
    summary="Show the result of a flow",
    operation_id="showResult",
    responses=problem_responses(*_ALWAYS, "flow-running", "not-allowed"),
)
async def result(response: Response, flow: ServiceFlow) -> EnrollmentResult | ChallengeResult:
    """Returns the outcome with its data: tokens of a challenge, a recovery code, or what is sealed to a recipient."""
    ended = await _ended(flow)
    response.status_code = OUTCOMES[ended.outcome]
    return ended


@router.get(
    "/v1/flows/{flow_id}/recovery-code",
    summary="Show the recovery code",
    operation_id="showRecoveryCode",
    responses=problem_responses(*_ALWAYS, "flow-running", "no-recovery-code"),
)
async def recovery_code(flow: ReadableFlow) -> RecoveryCodeAnswer:
    """Returns the recovery code that Auth0 issued with a user's first phone, unless it is sealed to a recipient."""
    ended = await _ended(flow)
    if ended.recovery_code is None or not ended.outcome.reached:  # without a verified phone the code is useless
        raise ProblemError("no-recovery-code")
    return RecoveryCodeAnswer(recovery_code=ended.recovery_code)


async def _ended(flow: FlowAccess) -> EnrollmentResult | ChallengeResult:
    if not await flow.flows.is_over(flow.flow_id):
        raise ProblemError("flow-running")
    try:
        async with asyncio.timeout(10):
            return await flow.flows.result(flow.flow_id)
    except TimeoutError:
        raise ProblemError("engine-unreachable") from None
