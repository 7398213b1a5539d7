"""``phone-mfa up``: the full local stack, until it is stopped."""

import httpx

from starter.output import say

from .console import stay, until_stopped
from .ports import Ports
from .stack import running_stack


async def run_up(*, as_json: bool) -> None:
    """Start everything, on the documented ports where free. Cleans up however it ends.

    Raises ``StackError`` if a process does not start, or exits by itself.
    """
    if not as_json:
        say("Starting Temporal, the Auth0 emulator with phones, a worker, the gateway and the codec server ...")
    await until_stopped(_up(as_json=as_json))
    if not as_json:
        say("\nStopped and cleaned up.")


async def _up(*, as_json: bool) -> None:
    async with running_stack(Ports()) as (stack, _), httpx.AsyncClient(trust_env=False) as http:
        await stack.start_worker()
        await stay(stack, http, as_json=as_json)
