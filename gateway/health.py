"""For those who run the gateway: is it alive, can it work, what does it count."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request

from .problems import documented
from .served import served_by

router = APIRouter(tags=["running"])


@router.get("/healthz", summary="Is it alive", operation_id="health")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it work", operation_id="ready", responses=documented("engine-unreachable"))
async def ready(request: Request) -> dict[str, str]:
    """Temporal answers, too."""
    await served_by(request).flows.require_engine()
    return {"status": "ready"}


@router.get("/metrics", summary="What it counts", operation_id="metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Metrics in Prometheus' format. No secrets, no names."""
    return Response(served_by(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
