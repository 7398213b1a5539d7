"""Routes for services that issue and revoke the links of invited users."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request

from gateway.auth import ByService, ServiceFlow
from gateway.context import LoginContext, context_of
from gateway.problems import ProblemError, problem_responses
from gateway.schemas import EnrollmentRequest, LinkAnswer, LinkRequest
from phone_mfa.client.errors import RefusedMessageError
from phone_mfa.client.flows import Started
from phone_mfa.contracts import FlowView
from phone_mfa.contracts.first_view import FIRST_INVITATION
from phone_mfa.return_address import is_allowed

router = APIRouter(tags=["invitations"])

LINK: Final = LinkRequest()
"""The body of a request that asks for nothing in particular, or has none."""

_ALWAYS: Final = (
    *("unauthorized", "not-allowed", "unknown-flow", "login-not-enabled", "bad-input", "too-many-requests"),
    *("too-long", "too-slow"),
    *("not-invited", "flow-over", "flow-unreadable", "engine-unreachable"),
)


@router.post(
    "/v1/flows/{flow_id}/invitation",
    summary="Issue a link for an invited user",
    operation_id="issueLink",
    responses=problem_responses(*_ALWAYS),
)
async def issue_link(request: Request, flow: ServiceFlow, by: ByService, body: LinkRequest = LINK) -> LinkAnswer:
    """Issues another link of a flow, for a reminder, say. Earlier ones stay good."""
    refuse_return(request, body.return_to)
    run_id = await flow.flows.newest_run(flow.flow_id)
    view = await flow.flows.in_run(run_id).view(flow.flow_id)
    started = Started(flow.flow_id, run_id, attached=True)
    return link_of(request, started, view, by.key_id, body)


@router.delete(
    "/v1/flows/{flow_id}/invitation",
    summary="Revoke the links of an invited user",
    operation_id="revokeLinks",
    status_code=204,
    responses=problem_responses(*_ALWAYS, "no-worker"),
)
async def revoke_links(request: Request, flow: ServiceFlow) -> None:
    """Makes all links unusable that were issued for a flow so far. Who has logged in already is not logged out."""
    login_of(request)
    try:
        await flow.flows.revoke_invitation(flow.flow_id)
    except RefusedMessageError:
        raise ProblemError("not-invited") from None
    context_of(request).metrics.links.labels("revoked").inc()


def link_of(
    request: Request, started: Started, view: FlowView | None, key_id: str, asked: LinkRequest | EnrollmentRequest
) -> LinkAnswer:
    """Issue a link. ``view``: the flow's; None if it is not known yet. Raises ``ProblemError``."""
    login, number = login_of(request), view.invitation if view else FIRST_INVITATION
    if view is None and started.attached:  # its links may have been revoked
        raise ProblemError("engine-unreachable")
    if number is None:
        raise ProblemError("not-invited")
    flow_ends = view.flow_expires_at if view else None
    link = login.invitations.issue(
        started.flow_id, started.run_id, number, flow_ends, key_id, asked.back, asked.login_hint
    )
    if (view and view.over) or link.expires_at <= datetime.now(UTC):
        raise ProblemError("flow-over")
    context_of(request).metrics.links.labels("issued").inc()
    return LinkAnswer(url=link.url, expires_at=link.expires_at)


def login_of(request: Request) -> LoginContext:
    """What logins need. Raises ``ProblemError`` if this gateway has none."""
    login = context_of(request).login
    if login is None:
        raise ProblemError(
            "login-not-enabled", "This gateway issues no links: PHONE_MFA_GATEWAY_PUBLIC_URL is not set."
        )
    return login


def refuse_return(request: Request, address: str | None) -> None:
    """Raise ``ProblemError`` unless users may be sent to an address."""
    if address is not None and not is_allowed(address, context_of(request).return_origins):
        raise ProblemError("bad-input", "return_to: its origin is not one that the gateway allows.", "return_to")
