"""``phone-mfa up``: the stack with everything, until it is stopped."""

import httpx

from starter.output import say

from .console import stay, until_stopped
from .ports import Ports
from .stack import running_stack


async def run_up(*, as_json: bool) -> None:
    """Start everything, on the ports that people know where they are free. Leaves nothing behind, however it ends.

    Raises ``StackError`` when a process does not start, or ends by itself.
    """
    if not as_json:
        say("Starting Temporal, a pretend Auth0 with phones, a worker, the gateway and the codec server ...")
    await until_stopped(_up(as_json=as_json))
    if not as_json:
        say("\nStopped. Nothing is left of it.")


async def _up(*, as_json: bool) -> None:
    async with running_stack(Ports()) as (stack, _), httpx.AsyncClient(trust_env=False) as http:
        await stack.start_worker()
        await stay(stack, http, as_json=as_json)
