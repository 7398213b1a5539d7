"""Endpoints for call faults and message faults."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.forms import read_form
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import answer


async def add_fault(request: Request) -> Response:
    """Order a fault; older orders strike first."""
    fault = await read_form(request, Fault, errors.control)
    return answer(emulator_of(request).faults.add(fault).shown())


async def list_faults(request: Request) -> Response:
    """Return the open orders, oldest first."""
    return answer([order.shown() for order in emulator_of(request).faults.open])


async def clear_faults(request: Request) -> Response:
    """Remove all orders."""
    emulator_of(request).faults.clear()
    return answer({"status": "ok"})


async def list_message_faults(request: Request) -> Response:
    """Return the open orders, oldest first."""
    return answer([order.model_dump() for order in emulator_of(request).tenant.inbox.faults.orders])


async def add_message_fault(request: Request) -> Response:
    """Order a message fault; older orders strike first."""
    fault = await read_form(request, MessageFault, errors.control)
    emulator_of(request).tenant.inbox.faults.add(fault)
    return answer(fault.model_dump())


async def clear_message_faults(request: Request) -> Response:
    """Remove all orders; messages already delayed or held back stay so."""
    emulator_of(request).tenant.inbox.faults.clear()
    return answer({"status": "ok"})
