"""Routes by which invited users log in at Auth0: to begin with a link, and again when their login has expired.

The access token of a login goes to the flow and never to the browser, which gets a flow token.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Response
from starlette.requests import Request
from starlette.responses import RedirectResponse

from gateway.auth import WritableFlow, is_issued
from gateway.context import GatewayContext, LoginContext, context_of
from gateway.login_cookies import LIFETIME, PATH, LoginBegun
from gateway.problems import ProblemError, problem_responses
from gateway.routes.invitations import login_of
from gateway.schemas import LoginAnswer, LoginRequest
from phone_mfa.client import Flows
from phone_mfa.client.errors import FinishedFlowError, FlowsError, UnknownFlowError
from phone_mfa.client.messages import ENROLLMENT
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.invitations import CALLBACK, PAGE
from phone_mfa.openid import LoginError, LoginUnavailableError
from phone_mfa.signed_tokens import SignedTokenError

router = APIRouter(tags=["login"])

_log = structlog.get_logger("gateway")

_ALWAYS: Final = (
    *("login-not-enabled", "bad-input", "invitation-unusable", "flow-over", "too-many-requests", "too-long"),
    *("too-slow", "login-unavailable", "flow-unreadable", "engine-unreachable"),
)


@router.post(
    "/v1/logins",
    summary="Begin the login of an invited user",
    operation_id="beginLogin",
    responses=problem_responses(*_ALWAYS),
)
async def begin(request: Request, response: Response, body: LoginRequest) -> LoginAnswer:
    """Returns the address of Auth0's login page for the user of a link, with a cookie for this browser."""
    login, context = login_of(request), context_of(request)
    try:
        invitation = login.invitations.read(body.invitation)
    except SignedTokenError:
        raise ProblemError("invitation-unusable") from None
    request.state.flow = invitation.flow_id
    _count(context, invitation.flow_id, invitation.run_id)
    issued = replace(invitation, hint=None) if body.other_user else invitation
    begun = LoginBegun.now(issued, invitation=invitation.number)
    await _require_usable(context, begun)
    context.metrics.links.labels("opened").inc()
    return await _sent_to_auth0(response, login, begun, other_user=body.other_user)


@router.post(
    "/v1/flows/{flow_id}/login",
    summary="Begin another login in a flow",
    operation_id="beginLoginInFlow",
    responses=problem_responses(*_ALWAYS, "unauthorized", "unknown-flow", "not-invited"),
)
async def begin_again(request: Request, response: Response, flow: WritableFlow) -> LoginAnswer:
    """Returns the address of Auth0's login page, for an invited user whose login has expired in the flow."""
    login, token = login_of(request), flow.token
    if token is None:  # a service: its browser has to begin
        raise ProblemError("unauthorized")
    begun = LoginBegun.now(token, invitation=None)
    await _require_usable(context_of(request), begun)
    return await _sent_to_auth0(response, login, begun)


@router.get(CALLBACK, include_in_schema=False)
async def callback(
    request: Request,
    state: str = "",
    code: str | None = None,
    error: str | None = None,
    iss: str | None = None,
) -> Response:
    """Takes the browser back from Auth0: gives the token to the flow, and the page a flow token."""
    login, context = login_of(request), context_of(request)
    name = login.cookies.name(state)
    begun = login.cookies.opened(request.cookies.get(name, ""), state)
    result, target = "unknown", "#login=unknown"
    if begun is not None:
        request.state.flow = begun.flow_id
        try:
            hint = await _logged_in(context, login, begun, code, error, iss)
        except (LoginError, LoginUnavailableError, ProblemError, FlowsError) as problem:
            result = _result_of(problem)
            target = f"#{urlencode({'login': SHOWN.get(result, 'failed'), 'flow': begun.flow_id})}"
        else:
            result = "ok"
            text, _ = context.tokens.issue(begun.flow_id, begun.run_id, begun.key_id, begun.back, hint)
            target = f"#{urlencode({'token': text})}"
    context.metrics.logins.labels(result).inc()
    _log.info("gateway.login", result=result, flow=begun.flow_id if begun else None)
    answer = RedirectResponse(f"{PAGE}{target}", 303)
    if begun is not None:
        answer.delete_cookie(name, PATH, secure=login.cookies.secure, httponly=True, samesite="lax")
    return answer


SHOWN: Final = {
    "other_user": "other-user",
    "access_denied": "declined",
    "unavailable": "unavailable",
    "invitation-unusable": "unusable",
    "flow-over": "over",
    "email_not_verified": "not-verified",
}
"""What the page tells users, by the result of their login. Everything else has failed."""


def _result_of(problem: Exception) -> str:
    if isinstance(problem, LoginError):
        return problem.reason
    if isinstance(problem, ProblemError):
        return problem.name
    if isinstance(problem, FinishedFlowError | UnknownFlowError):
        return "flow-over"
    return "unavailable"


async def _logged_in(
    context: GatewayContext,
    login: LoginContext,
    begun: LoginBegun,
    code: str | None,
    error: str | None,
    issuer: str | None,
) -> str | None:
    """Check the login, compare its user with that of the flow, and give the token to the flow.

    Returns what the user types as their name at Auth0, for the next login in the flow.
    """
    if error is not None or code is None:
        raise LoginError("access_denied" if error == "access_denied" else "refused_by_auth0")
    _count(context, begun.flow_id, begun.run_id)
    await _require_usable(context, begun)
    logged_in = await login.openid.exchanged(code, issuer, begun.challenge)
    if context.flows.flow_id(ENROLLMENT, logged_in.user) != begun.flow_id:
        raise LoginError("other_user")
    token = ProvideMfaToken(mfa_token=logged_in.access_token)
    await _flow_of(context, begun).provide_token(begun.flow_id, token)
    return logged_in.email or begun.hint


def _count(context: GatewayContext, flow_id: str, run_id: str) -> None:
    """Count a step of a login. A cookie can be kept and sent again, and each callback asks Auth0."""
    context.rates.count_flow(f"{flow_id} {run_id} login")


async def _require_usable(context: GatewayContext, begun: LoginBegun) -> None:
    """Raise ``ProblemError`` unless a login can go on: its link or token, and the flow, may have ended meanwhile."""
    if not is_issued(context, begun.key_id, begun.signed_with):
        raise ProblemError("invitation-unusable")
    try:
        view = await _flow_of(context, begun).view(begun.flow_id)
    except UnknownFlowError:
        raise ProblemError("invitation-unusable") from None
    if view.over:
        raise ProblemError("flow-over")
    if view.invitation is None:
        raise ProblemError("not-invited")
    if begun.invitation is not None and begun.invitation != view.invitation:
        raise ProblemError("invitation-unusable")


def _flow_of(context: GatewayContext, begun: LoginBegun) -> Flows:
    return context.flows.in_run(begun.run_id)


async def _sent_to_auth0(
    response: Response, login: LoginContext, begun: LoginBegun, *, other_user: bool = False
) -> LoginAnswer:
    try:
        url = await login.openid.url(begun.challenge, hint=begun.hint, prompt="login" if other_user else None)
    except LoginUnavailableError:
        raise ProblemError("login-unavailable") from None
    response.set_cookie(
        login.cookies.name(begun.state),
        login.cookies.sealed(begun),
        max_age=int(LIFETIME.total_seconds()),
        path=PATH,
        secure=login.cookies.secure,
        httponly=True,
        samesite="lax",
    )
    return LoginAnswer(url=url)
