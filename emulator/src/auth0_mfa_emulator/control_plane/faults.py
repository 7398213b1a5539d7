"""Endpoints for call faults."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.forms import read_form
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import answer


async def add(request: Request) -> Response:
    """Order a fault; older orders strike first."""
    fault = await read_form(request, Fault, errors.control)
    return answer(emulator_of(request).faults.add(fault).shown())


async def show(request: Request) -> Response:
    """Return the open orders, oldest first."""
    return answer([order.shown() for order in emulator_of(request).faults.open])


async def clear(request: Request) -> Response:
    """Remove all orders."""
    emulator_of(request).faults.clear()
    return answer({"status": "ok"})
