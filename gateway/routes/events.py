"""Streams view changes as server-sent events (HTML standard, "Server-sent events")."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from gateway.auth import FlowAccess, ReadableFlow
from gateway.context import context_of
from gateway.etag import ViewDocument
from gateway.problems import ProblemError, problem_responses, soon

LF: Final = "\n"
"""The line end: simple readers split at blank lines, and do not see those of the library's default, CRLF."""

RETRY_MS: Final = 2000

SEND_TIMEOUT: Final = 30
"""Seconds until a send to a client that does not read times out."""

MOST_STREAMS: Final = 250
"""Maximum number of open streams of one flow for browsers. Users have a few tabs."""

router = APIRouter(tags=["flows"])

_STREAM: Final[dict[str, Any]] = {
    "description": "`view` events with the flow's view, then `end` with the outcome, or `failed` with a problem.",
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "object",
                "description": "An event. `data` is JSON: a `FlowView`, the outcome, or a `ProblemDocument`.",
                "properties": {
                    "event": {"enum": ["view", "end", "failed"]},
                    "id": {"type": "string"},
                    "data": {"type": "string", "contentMediaType": "application/json"},
                },
                "required": ["event", "data"],
            },
            "example": 'event: view\nid: 5f0c...\ndata: {"phase": "waiting_for_code", ...}\n\n',
        }
    },
}


@router.get(
    "/v1/flows/{flow_id}/events",
    summary="Follow a flow",
    operation_id="followFlow",
    response_class=EventSourceResponse,
    responses={
        200: _STREAM,
        **problem_responses("unauthorized", "unknown-flow", "bad-input", "too-many-requests", "engine-unreachable"),
    },
)
async def follow(
    request: Request,
    flow: ReadableFlow,
    last_event_id: Annotated[str | None, Header(description="`id` of the last view received; not sent again.")] = None,
) -> EventSourceResponse:
    """Streams the view now and after each change. The stream ends with the flow."""
    run_id = await flow.flows.newest_run(flow.flow_id)  # an unknown flow is an error before the stream starts
    pinned = replace(flow, run_id=run_id, flows=flow.flows.in_run(run_id))
    if flow.run_id and context_of(request).watching.listeners(flow.flow_id, run_id) >= MOST_STREAMS:
        raise ProblemError("too-many-requests", "Too many event streams are open for this flow.", retry_at=soon())
    return EventSourceResponse(
        _events(request, pinned, last_event_id),
        ping=context_of(request).heartbeat,
        send_timeout=SEND_TIMEOUT,
        sep=LF,
    )


async def _events(request: Request, flow: FlowAccess, last_event_id: str | None) -> AsyncIterator[ServerSentEvent]:
    assert flow.run_id  # noqa: S101 - set above
    watching, to_service = context_of(request).watching, request.state.service
    async for news in watching.follow(flow.flows, flow.flow_id, flow.run_id, flow.allowed):
        if isinstance(news, ViewDocument):
            seen = news.to(service=to_service)
            if seen.tag != last_event_id:
                yield ServerSentEvent(seen.text, event="view", id=seen.tag, retry=RETRY_MS, sep=LF)
            last_event_id = None
        elif news.error:
            document = ProblemError.of(news.error, to_service=to_service).document
            yield ServerSentEvent(json.dumps(document), event="failed", sep=LF)
        else:
            yield ServerSentEvent(json.dumps({"outcome": news.outcome}), event="end", sep=LF)
