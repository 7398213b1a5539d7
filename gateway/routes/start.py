"""Routes that start flows for services and issue flow tokens for browsers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Response
from starlette.requests import Request

from gateway.auth import ByService, ServiceFlow
from gateway.context import GatewayContext, context_of
from gateway.numbers import refuse_number
from gateway.preferences import LONGEST_WAIT, wait_of
from gateway.problems import ProblemError, header_doc, problem_responses
from gateway.routes.invitations import link_of, login_of, refuse_return
from gateway.schemas import (
    NO_RETURN,
    ChallengeRequest,
    EnrollmentRequest,
    FlowTokenAnswer,
    FlowTokenRequest,
    StartedAnswer,
)
from phone_mfa.client import Flows
from phone_mfa.client.errors import FlowsError
from phone_mfa.client.flows import Started
from phone_mfa.client.idempotency import Attempt
from phone_mfa.contracts import FlowView

FIRST_VIEW_SECONDS: Final = 5
"""Seconds to wait for the first view; without it, the response is sent with no view."""

router = APIRouter(tags=["start"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Identifies this request: repeating it returns the flow that it started.",
    ),
]

_Preference = Annotated[
    str | None,
    Header(
        description="`wait=10`: respond once the first message is sent, or cannot be sent, or after this many "
        f"seconds, {LONGEST_WAIT} at most. Applies only to a flow that this request starts; attaching to a running "
        "flow responds immediately."
    ),
]


def _wait(request: Request, prefer: _Preference = None) -> timedelta | None:
    """Parses all ``Prefer`` headers for a wait; the ``prefer`` parameter only documents them."""
    return wait_of(request.headers.getlist("prefer"))


Wait = Annotated[timedelta | None, Depends(_wait)]

_STARTED: Final = {"flow_id": "$response.body#/flow_id", "run_id": "$response.body#/run_id"}
_FOLLOWING: Final[dict[str, Any]] = {
    name: {"operationId": operation, "parameters": _STARTED}
    for name, operation in (
        ("view", "showFlow"),
        ("events", "followFlow"),
        ("checkCode", "checkBindingCode"),
        ("checkRecoveryCode", "checkRecoveryCode"),
        ("resend", "resendCode"),
        ("switchChannel", "switchChannel"),
        ("changeNumber", "changePhoneNumber"),
        ("renewMfaToken", "renewMfaToken"),
        ("renewFlowToken", "renewFlowToken"),
        ("issueLink", "issueLink"),
        ("revokeLinks", "revokeLinks"),
        ("login", "beginLoginInFlow"),
        ("result", "showResult"),
        ("recoveryCode", "showRecoveryCode"),
        ("cancel", "cancelFlow"),
    )
}
_LOCATION: Final = header_doc("Location", "The URL of the flow's view.")
_STARTED_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": StartedAnswer,
        "description": "The user's flow was already running, and was started with the same values.",
        "links": _FOLLOWING,
        "headers": _LOCATION,
    },
    201: {
        "description": "The flow was started.",
        "links": _FOLLOWING,
        "headers": _LOCATION | header_doc("Preference-Applied", "`wait` with the maximum seconds applied."),
    },
}
_ALWAYS: Final = (
    *("unauthorized", "not-allowed", "bad-input", "idempotency-key-reused", "too-long", "too-slow"),
    *("too-many-requests", "start-conflict", "flow-unreadable", "engine-limit", "engine-unreachable"),
)
_OF_LINKS: Final = ("login-not-enabled", "not-invited", "flow-over")


@dataclass(frozen=True)
class Start:
    """A request to start a flow: everything but its body. ``idempotency_key``: see ``IdempotencyKey``."""

    request: Request
    response: Response
    by: ByService
    wait: Wait
    idempotency_key: IdempotencyKey = None

    async def of(
        self, kind: str, body: EnrollmentRequest | ChallengeRequest, start: Callable[..., Awaitable[Started]]
    ) -> StartedAnswer:
        """Start the flow, or find the one that this request has started before."""
        refuse_return(self.request, body.return_to)
        with self._attempt(kind, body) as attempt:
            started = await start(
                body.user,
                body.contract,
                attempt,
                self.wait,
                body.on_conflict,
                caller=self.by.name,
                browser=body.browser,
            )
        return await self._answer(started, body)

    @property
    def _served(self) -> GatewayContext:
        return context_of(self.request)

    @contextmanager
    def _attempt(self, kind: str, body: EnrollmentRequest | ChallengeRequest) -> Iterator[Attempt | None]:
        if self.idempotency_key is None:
            yield None
            return
        asked = json.dumps([kind, body.model_dump(mode="json", exclude={"region"})])  # the number is in E.164
        attempt = self._served.flows.attempt(json.dumps([self.by.name, self.idempotency_key]), asked)
        with self._served.used_keys.using(attempt):
            yield attempt

    async def _answer(self, started: Started, body: EnrollmentRequest | ChallengeRequest) -> StartedAnswer:
        view = await _first_view(self._served.flows.in_run(started.run_id), started.flow_id)
        flow_token, expires_at, link = None, None, None
        if isinstance(body, EnrollmentRequest) and body.invite:
            link = link_of(self.request, started, view, self.by.key_id, body)
        else:
            flow_token, token = self._served.tokens.issue(started.flow_id, started.run_id, self.by.key_id, body.back)
            expires_at = token.expires_at
        if self.wait and not started.attached:
            self.response.headers["Preference-Applied"] = f"wait={self.wait.seconds}"
        self.response.status_code = 200 if started.attached else 201
        self.response.headers["Location"] = f"/v1/flows/{started.flow_id}"
        return StartedAnswer(
            flow_id=started.flow_id,
            run_id=started.run_id,
            flow_token=flow_token,
            flow_token_expires_at=expires_at,
            link=link,
            attached=started.attached,
            replaced=started.replaced,
            view=view,
        )


StartRequest = Annotated[Start, Depends()]


@router.post(
    "/v1/enrollments",
    status_code=201,
    summary="Start an enrollment",
    operation_id="startEnrollment",
    responses=_STARTED_RESPONSES | problem_responses(*_ALWAYS, "number-not-allowed", *_OF_LINKS),
)
async def enroll(start: StartRequest, body: EnrollmentRequest) -> StartedAnswer:
    """Enrolls a user's phone, or attaches to the user's enrollment that runs and was started with the same values.

    A running flow that was started with others is refused or replaced, see `on_conflict`. One that was started without
    a login, or with another one, is always replaced by a start with a login: nothing reaches whoever started it.
    """
    refuse_number(start.request, body.phone_number)
    if body.invite:
        login_of(start.request)
    return await start.of("enroll", body, context_of(start.request).flows.enroll)


@router.post(
    "/v1/challenges",
    status_code=201,
    summary="Start a challenge",
    operation_id="startChallenge",
    responses=_STARTED_RESPONSES | problem_responses(*_ALWAYS),
)
async def challenge(start: StartRequest, body: ChallengeRequest) -> StartedAnswer:
    """Challenges an enrolled phone of the user, or attaches to a running challenge, as `startEnrollment` does."""
    return await start.of("challenge", body, context_of(start.request).flows.challenge)


@router.post(
    "/v1/flows/{flow_id}/token",
    summary="Renew the flow token",
    operation_id="renewFlowToken",
    responses=problem_responses(
        "unauthorized",
        "not-allowed",
        "unknown-flow",
        "bad-input",
        "too-many-requests",
        "too-long",
        "too-slow",
        "login-required",
        "engine-unreachable",
    ),
)
async def renew_token(
    request: Request, flow: ServiceFlow, by: ByService, body: FlowTokenRequest = NO_RETURN
) -> FlowTokenAnswer:
    """Issues a new flow token for the newest run of a flow. An invited user gets one by logging in, and only so."""
    refuse_return(request, body.return_to)
    run_id = await flow.flows.newest_run(flow.flow_id)
    if (await flow.flows.in_run(run_id).view(flow.flow_id)).invitation is not None:
        raise ProblemError("login-required")
    text, token = context_of(request).tokens.issue(flow.flow_id, run_id, by.key_id, body.back)
    return FlowTokenAnswer(flow_token=text, flow_token_expires_at=token.expires_at)


async def _first_view(flows: Flows, flow_id: str) -> FlowView | None:
    """Returns the first view, or ``None`` if Temporal does not return it: the flow is started all the same."""
    try:
        async with asyncio.timeout(FIRST_VIEW_SECONDS):
            return await flows.view(flow_id)
    except (TimeoutError, FlowsError):
        return None
