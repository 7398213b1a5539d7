"""The tenant's clock from outside: read it, move it, set it, stop it."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.clock import Clock, iso
from auth0_mfa_emulator.wire import answer


def _epoch_seconds(given: object) -> object:
    """A date with its offset from UTC as epoch seconds; a number is left as it is."""
    if not isinstance(given, str):
        return given
    try:
        date = datetime.fromisoformat(given)
        if date.tzinfo:
            return date.timestamp()
    except (ValueError, OverflowError):
        pass
    raise ValueError("Input should be epoch seconds or a date with its offset, as 2026-01-31T12:00:00Z")


class Change(Form):
    """What to do to the clock, at least one thing: it is set first, then moved, then stopped or let go."""

    advance_seconds: float | None = Field(None, ge=0)
    set_to: Annotated[float, BeforeValidator(_epoch_seconds)] | None = Field(None, alias="set")
    frozen: bool | None = None


async def show(request: Request) -> Response:
    """The time the tenant believes it is."""
    return answer(_face(emulator_of(request).tenant.clock))


async def change(request: Request) -> Response:
    """Age every code, token and budget at once, or let them be as of another day."""
    given, tenant = await read_form(request, Change, errors.control), emulator_of(request).tenant
    if given == Change():
        raise errors.control("advance_seconds, set or frozen must be given.")
    try:
        tenant.clock.change(to=given.set_to, by=given.advance_seconds or 0.0, frozen=given.frozen)
    except ValueError as out_of_range:
        raise errors.control(f"{out_of_range}.") from None
    tenant.inbox.notifier.ring()  # what was delayed may be due
    return answer(_face(tenant.clock))


def _face(clock: Clock) -> dict[str, object]:
    now = round(clock.now(), 3)
    return {"now": iso(now), "epoch_seconds": now, "frozen": clock.frozen}
