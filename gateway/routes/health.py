"""For those who run the gateway: is it alive, can it work, what does it count."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.requests import Request

from gateway.context import context_of
from gateway.problems import documented

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Is it alive", operation_id="health")
async def health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", summary="Can it work", operation_id="ready", responses=documented("engine-unreachable"))
async def ready(request: Request) -> Health:
    """Temporal answers, too."""
    await context_of(request).flows.require_engine()
    return Health()


@router.get(
    "/metrics",
    summary="What it counts",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "gateway_listeners 3.0\n", "schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Metrics in Prometheus' format. No secrets, no names."""
    return Response(context_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
