"""Control of the tenant's clock: read, advance, set, freeze."""

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
    """Convert a date with a UTC offset to epoch seconds; return other values unchanged."""
    if not isinstance(given, str):
        return given
    try:
        date = datetime.fromisoformat(given)
        if date.tzinfo:
            return date.timestamp()
    except (ValueError, OverflowError):
        pass
    raise ValueError("Input should be epoch seconds or a date with its UTC offset, such as 2026-01-31T12:00:00Z")


class Change(Form):
    """Changes to the clock, at least one, applied in order: set, advance, then freeze or resume."""

    advance_seconds: float | None = Field(None, ge=0)
    set_to: Annotated[float, BeforeValidator(_epoch_seconds)] | None = Field(None, alias="set")
    frozen: bool | None = None


async def show(request: Request) -> Response:
    """Return the tenant's time."""
    return answer(_face(emulator_of(request).tenant.clock))


async def change(request: Request) -> Response:
    """Change the time that every code, token and budget is measured by."""
    given, tenant = await read_form(request, Change, errors.control), emulator_of(request).tenant
    if given == Change():
        raise errors.control("advance_seconds, set or frozen must be given.")
    try:
        tenant.clock.change(to=given.set_to, by=given.advance_seconds or 0.0, frozen=given.frozen)
    except ValueError as out_of_range:
        raise errors.control(f"{out_of_range}.") from None
    tenant.inbox.notifier.ring()  # delayed messages may be due
    return answer(_face(tenant.clock))


def _face(clock: Clock) -> dict[str, object]:
    now = round(clock.now(), 3)
    return {"now": iso(now), "epoch_seconds": now, "frozen": clock.frozen}
