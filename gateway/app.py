"""The gateway's ASGI application: its routes and middleware."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from phone_mfa.client.errors import FlowsError

from .context import GatewayContext
from .examples import examples
from .middleware import RequestGuard
from .problems import (
    ProblemDocument,
    ProblemError,
    handle_flows_error,
    handle_http_error,
    handle_problem,
    handle_validation_error,
    problem_responses,
)
from .routes import events, flows, health, invitations, login, messages, page, start

VERSION: Final = "1"

_ABOUT: Final = (
    "Enrolls and challenges phones as a second factor in Auth0. A service starts a flow with its API key and passes "
    "the flow token to the browser, which can then access that one flow. Errors are problem documents (RFC 9457) "
    "with stable types."
)

_PARTS: Final = (start, messages, events, flows, invitations, login, health, page)


def build(context: GatewayContext) -> FastAPI:
    """Build the ASGI application of a gateway."""
    app = _routed()
    app.state.context = context
    app.add_middleware(RequestGuard, metrics=context.metrics, deadline=context.deadline)
    if context.origins:  # outermost, so that other origins can read problems too
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(context.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", "Prefer"],
            expose_headers=["Date", "ETag", "Preference-Applied", "Retry-After"],
            max_age=600,
        )
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, which is the same for all gateways."""
    return _routed().openapi()


def _routed() -> FastAPI:
    """The application with its routes, which serves nobody yet."""
    app = _Gateway(
        title="phone-mfa gateway",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # behind a proxy it would redirect to plain http, with the token after the #
        generate_unique_id_function=lambda route: route.operation_id or route.name,
        exception_handlers={
            ProblemError: handle_problem,
            FlowsError: handle_flows_error,
            RequestValidationError: handle_validation_error,
            HTTPException: _handle_http_error,
        },
    )
    for part in _PARTS:
        app.include_router(part.router)
    return app


async def _handle_http_error(request: Request, error: Exception) -> Response:
    """Like ``handle_http_error``, with a page for people at an unknown URL, and with all methods of a URL in ``Allow``.

    Each route knows only its own method.
    """
    answer = await handle_http_error(request, error)
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return page.not_found(request) or answer
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        routes = [route for part in _PARTS for route in part.router.routes if isinstance(route, Route | APIRoute)]
        here = [route.methods or set() for route in routes if route.matches(request.scope)[0] is not Match.NONE]
        methods: set[str] = set().union(*here)
        answer.headers["Allow"] = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    return answer


class _Gateway(FastAPI):
    """FastAPI's application, with problems instead of validation errors in the OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document["components"]["schemas"]
            schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
            for name, example in examples():
                schemas[name]["examples"] = [example]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in document["paths"].values():
                for operation in path.values():
                    _without_validation_errors(operation["responses"])
                    operation["responses"] |= {
                        str(status): response for status, response in problem_responses("defect").items()
                    }
                    operation.setdefault("security", [])
        return self.openapi_schema or {}


def _without_validation_errors(responses: dict[str, Any]) -> None:
    described = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if described.get("$ref", "").endswith("/HTTPValidationError"):
        del responses["422"]
