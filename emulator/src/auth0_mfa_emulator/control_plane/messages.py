"""Endpoints for the emulated phones: list received messages and answer pushes."""

from datetime import UTC, datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.phone.message import Message
from auth0_mfa_emulator.phone.message_texts import links_in
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.wire import answer

_HOLDERS = ("owner", "stranger", "any")


async def received(request: Request) -> Response:
    """Return the messages of a recipient, newest last; all without `to`, a stranger's only with `holder`."""
    tenant, since = emulator_of(request).tenant, _since(request)
    holder = request.query_params.get("holder") or "owner"
    if holder not in _HOLDERS:
        raise errors.control("holder: Input should be owner, stranger or any.")
    messages = tenant.inbox.messages(asked_recipient(request), tenant.clock.now())
    shown = [shape(message) for message in messages if holder in ("any", message.holder)]
    return answer([message for message in shown if str(message["delivered_at"]) > since])


async def approve(request: Request) -> Response:
    """Approve a push."""
    return _decide(request, "approved")


async def deny(request: Request) -> Response:
    """Deny a push."""
    return _decide(request, "denied")


def shape(message: Message) -> dict[str, object]:
    """Returns a message as JSON, with dates in Auth0's format."""
    return {
        "id": message.id,
        "to": message.to,
        "channel": message.medium,
        "code": message.code,
        "text": message.text,
        "sent_at": iso(message.sent_at),
        "delivered_at": iso(message.delivered_at),
        "holder": message.holder,
        "decision": message.decision,
        "action": message.action,
        "subject": message.subject,
        "from": message.sender,
        "links": links_in(message.text),
    }


def asked_recipient(request: Request) -> str | None:
    """Returns the number or address in `to`. Restores a `+` that arrived as a space, and adds a missing one."""
    to = request.query_params.get("to", "").strip()
    if "@" in to:
        return to.replace(" ", "+")
    return "+" + to.removeprefix("+") if to else None


def _since(request: Request) -> str:
    text = request.query_params.get("since")
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return iso((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise errors.control("since: Input should be a date like 2026-01-31T12:00:00.000Z.") from None


def _decide(request: Request, decision: Literal["approved", "denied"]) -> Response:
    tenant = emulator_of(request).tenant
    tenant.inbox.settle(tenant.clock.now())
    try:
        return answer(shape(tenant.inbox.decide(request.path_params["message_id"], decision)))
    except LookupError:
        raise errors.control("No message has this id.", 404) from None
    except ValueError as undecidable:
        raise errors.control(str(undecidable), 409) from None
