"""Liveness, readiness and metrics."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.requests import Request

from gateway.context import context_of
from gateway.problems import problem_responses

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The gateway is healthy."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Check liveness", operation_id="health")
async def health() -> Health:
    """Succeeds if the process responds."""
    return Health()


@router.get(
    "/readyz", summary="Check readiness", operation_id="ready", responses=problem_responses("engine-unreachable")
)
async def ready(request: Request) -> Health:
    """Succeeds if Temporal responds, too."""
    await context_of(request).flows.require_engine()
    return Health()


@router.get(
    "/metrics",
    summary="Show metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "gateway_listeners 3.0\n", "schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Returns metrics in Prometheus' format. They contain no secrets or names."""
    return Response(context_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
