"""The tenant log, pullable: newest first by page, or oldest first from a checkpoint (members as recorded).

A member without a value is null. `details` say why a message failed; they contain no secrets and no full numbers.
"""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.events import DESCRIPTIONS, Event, log_id
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import JSON_UTF8, answer, issuer

from .authorization import authorized, ok
from .pagination import REACHABLE, View, listed, number, page_of, selected, sort_of
from .search_query import parsed
from .users import CONNECTION

_CHECKPOINT = re.compile(r"\A[0-9]{56}\Z")


async def list_logs(request: Request) -> Response:
    """List events by page, or those after `from`, at most `take`; other parameters are then ignored (Auth0 docs)."""
    tenant = authorized(request, "read:logs", "read:logs_users")
    if {"from", "take"} & request.query_params.keys():
        return _after_checkpoint(request, tenant)
    return _by_page(request, tenant, _viewer(request, tenant), lambda _: True)


async def list_user_logs(request: Request) -> Response:
    """List the events of one user by page, also of one deleted since: no 404 is documented."""
    tenant, user_id = authorized(request, "read:logs", "read:logs_users"), request.path_params["user_id"]
    return _by_page(request, tenant, _viewer(request, tenant), lambda event: event.user_id == user_id, least=1)


async def get_log(request: Request) -> Response:
    """Return one event."""
    tenant = authorized(request, "read:logs", "read:logs_users")
    wanted = request.path_params["log_id"]
    event = tenant.log.events.get(wanted[-36:].lstrip("0")) if _CHECKPOINT.match(wanted) else None
    if not event or log_id(event) != wanted:
        raise errors.management(404, "Log not found.")
    return ok(_viewer(request, tenant)(event))


def _by_page(
    request: Request,
    tenant: Tenant,
    view: Callable[[Event], View],
    concerns: Callable[[Event], bool],
    *,
    least: int = 0,
) -> Response:
    page, sort = page_of(request, least=least, reachable=REACHABLE), sort_of(request, ("date",))
    query = request.query_params.get("q") or request.query_params.get("search") or ""
    matches = parsed(query)
    events = [event for event in tenant.log.events.values() if concerns(event)]
    found = [event for event in events if matches(view(event))] if query else events
    if not sort or sort[1]:
        found.reverse()
    shown = [selected(request, view(event)) for event in found[page.start : page.end]]
    return ok(listed(page, "logs", shown, len(found), "total last"))


def _after_checkpoint(request: Request, tenant: Tenant) -> Response:
    take, since = number(request, "take", 50, 1, 100), request.query_params.get("from")
    if since is not None and not _CHECKPOINT.match(since):
        raise errors.invalid_query("from must be a log_id")
    last, view = int(since[-36:]) if since else 0, _viewer(request, tenant)
    found: list[Event] = []
    for event in reversed(tenant.log.events.values()):
        if event.id <= last:
            break
        found.append(event)
    found = found[::-1][:take]
    following = urlencode({"from": log_id(found[-1]) if found else since or "", "take": take})
    link = {"Link": f'<{issuer(request)}api/v2/logs?{following}>; rel="next"'} if found or since else {}
    return answer([view(event) for event in found], content_type=JSON_UTF8, headers=link)


def _viewer(request: Request, tenant: Tenant) -> Callable[[Event], View]:
    host = request.headers.get("host", "localhost")

    def view(event: Event) -> View:
        client = dict.get(tenant.clients, event.client_id or "")  # does not count as a change
        own = log_id(event)
        return {
            "_id": own,
            "log_id": own,
            "date": iso(event.at),
            "type": event.type,
            "description": DESCRIPTIONS[event.type],
            "connection": CONNECTION if event.user_id else None,
            "connection_id": "",
            "organization_id": None,
            "organization_name": None,
            "client_id": event.client_id,
            "client_name": client.name if client else None,
            "ip": "127.0.0.1",
            "hostname": host,
            "details": _details(event),
            "user_id": event.user_id or "",
            "user_name": event.user_name or "",
            "user_agent": "Other 0.0.0 / Other 0.0.0",
            "audience": None,
            "scope": None,
            "strategy": "auth0" if event.user_id else None,
            "strategy_type": "database" if event.user_id else None,
            "isMobile": False,
            "location_info": None,
        }

    return view


def _details(event: Event) -> View | None:
    """Returns the details; of a failed message those of the provider, as nested as reported (community 117915)."""
    if "code" not in event.details:
        return dict(event.details) or None
    others: View = {name: value for name, value in event.details.items() if name != "code"}
    channel = event.type.removeprefix("gd_send_").removesuffix("_failure")
    cause = {"errorCode": f"error_sending_{channel}", "error": {"code": event.details["code"]}}
    return others | {"failure_details": cause}
