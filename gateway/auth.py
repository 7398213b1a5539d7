"""Authentication and authorization: a service has an API key, a browser has the token of one flow.

A missing flow and a token for another flow get the same response. Rate limits are counted here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from phone_mfa.api_keys import PREFIX
from phone_mfa.client import Flows
from phone_mfa.invitations import OPERATOR
from phone_mfa.signed_tokens import SignedTokenError

from .context import GatewayContext, context_of
from .flow_tokens import FlowToken
from .problems import ProblemError

_FLOW: Final = re.compile(r"(?:enroll|challenge)-[a-z2-7]{32}")
_RUN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}

_service_key = HTTPBearer(scheme_name="apiKey", description="An API key, `pmk_...`.", auto_error=False)
_flow_token = HTTPBearer(
    scheme_name="flowToken", description="The flow token from starting the flow.", bearerFormat="JWT", auto_error=False
)


@dataclass(frozen=True, slots=True)
class Service:
    """A caller with the API key ``name``. ``key_id`` tells apart keys that have had the same name."""

    name: str
    key_id: str


Caller = Service | FlowToken


@dataclass(frozen=True, slots=True)
class FlowAccess:
    """A flow that the caller may access. For a browser, ``flows`` is limited to the run of its token.

    ``allowed``: whether access is still valid; it ends with the token, the API key, or the key that signed the token.
    ``token``: the browser's; None for services.
    """

    flow_id: str
    run_id: str | None
    flows: Flows
    allowed: Callable[[], bool]
    token: FlowToken | None = None

    @property
    def caller(self) -> str:
        """Rate limit key: the run for a browser, the flow for services."""
        return f"{self.flow_id} {self.run_id or 'service'}"


async def _caller(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_service_key)],
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_flow_token)],
) -> Caller:
    context = context_of(request)
    caller = _known(context, given.credentials) if given else None
    if caller is None:
        raise ProblemError("unauthorized", headers=_CHALLENGE)
    request.state.service = isinstance(caller, Service)
    if isinstance(caller, Service):
        request.state.caller = caller.name
        context.rates.count_key(caller.name)
    else:
        name = OPERATOR if caller.key_id == OPERATOR else context.keys.name_of_id(caller.key_id)
        request.state.caller = f"{name or 'revoked'} (flow token)"
    return caller


def _known(context: GatewayContext, credentials: str) -> Caller | None:
    return _of_key(context, credentials) if credentials.startswith(PREFIX) else _of_token(context, credentials)


def _of_key(context: GatewayContext, key: str) -> Service | None:
    found = context.keys.find(key)
    return Service(found.name, found.key_id) if found else None


def _of_token(context: GatewayContext, text: str) -> FlowToken | None:
    try:
        token = context.tokens.read(text)
    except SignedTokenError:
        return None
    return token if _is_good(context, token) else None


def is_issued(context: GatewayContext, key_id: str, signed_with: str) -> bool:
    """Whether a token or link still counts, by the API key it was issued for and the key of the ring that signed it.

    Revoking an API key also revokes what was issued for it, even if another key now has its name. Links of the command
    were issued for none. Dropping a key of the ring revokes what was signed with it.
    """
    is_known = key_id == OPERATOR or context.keys.name_of_id(key_id) is not None
    return is_known and context.tokens.accepts(signed_with)


def _is_good(context: GatewayContext, token: FlowToken) -> bool:
    return is_issued(context, token.key_id, token.signed_with) and datetime.now(UTC) < token.expires_at


async def _service(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_service_key)]
) -> Service:
    caller = await _caller(request, given, None)
    if not isinstance(caller, Service):
        raise ProblemError("not-allowed")
    return caller


FlowId = Annotated[
    str, Path(description="The flow ID returned when the flow was started.", examples=["enroll-" + "a" * 32])
]


RunId = Annotated[
    str | None,
    Query(
        description="The run returned when the flow was started. With it, another flow that was started for the user "
        "since is unknown, whoever started that.",
        pattern=_RUN,
    ),
]


def _addressed(request: Request, flow_id: str, caller: Caller, run_id: str | None) -> FlowAccess:
    request.state.flow = flow_id if _FLOW.fullmatch(flow_id) else None
    context = context_of(request)
    flows = context.flows
    if not _FLOW.fullmatch(flow_id):
        raise ProblemError("unknown-flow")
    if isinstance(caller, Service):
        addressed = flows.in_run(run_id) if run_id else flows
        return FlowAccess(flow_id, None, addressed, lambda: context.keys.name_of_id(caller.key_id) is not None)
    if caller.flow_id != flow_id or run_id not in (None, caller.run_id):
        raise ProblemError("unknown-flow")
    return FlowAccess(flow_id, caller.run_id, flows.in_run(caller.run_id), lambda: _is_good(context, caller), caller)


async def _readable(
    request: Request, flow_id: FlowId, caller: Annotated[Caller, Depends(_caller)], run_id: RunId = None
) -> FlowAccess:
    flow = _addressed(request, flow_id, caller, run_id)
    if flow.run_id:
        context_of(request).rates.count_read(flow.caller)
    return flow


async def _writable(
    request: Request, flow_id: FlowId, caller: Annotated[Caller, Depends(_caller)], run_id: RunId = None
) -> FlowAccess:
    flow = _addressed(request, flow_id, caller, run_id)
    context_of(request).rates.count_flow(flow.caller)
    return flow


async def _service_flow(
    request: Request, flow_id: FlowId, caller: Annotated[Service, Depends(_service)], run_id: RunId = None
) -> FlowAccess:
    return _addressed(request, flow_id, caller, run_id)


async def _service_run(
    request: Request,
    flow_id: FlowId,
    caller: Annotated[Service, Depends(_service)],
    run_id: Annotated[str, Query(description="The run returned when the flow was started.", pattern=_RUN)],
) -> FlowAccess:
    return _addressed(request, flow_id, caller, run_id)


ByService = Annotated[Service, Depends(_service)]
ReadableFlow = Annotated[FlowAccess, Depends(_readable)]
"""A flow to read, for services and browsers."""
WritableFlow = Annotated[FlowAccess, Depends(_writable)]
"""A flow to change, for services and browsers."""
ServiceFlow = Annotated[FlowAccess, Depends(_service_flow)]
"""A flow, for services only."""
ServiceRun = Annotated[FlowAccess, Depends(_service_run)]
"""One run of a flow, for services only: that of the user's next flow has the same flow id."""
