"""``phone-mfa demo``: the whole product on this computer as separate processes, in under a minute."""

import asyncio
import signal

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret
from phone_mfa.client.flows import Flows

from .console import run_console, until_stopped
from .demo_scenes import Scenes
from .demo_timeline import Timeline
from .demo_user import DemoUser
from .ports import ANY
from .stack import CLIENT, running_stack

__all__ = ["run_demo"]


async def run_demo(*, keep: bool, as_json: bool) -> bool:
    """Play every scene and return whether each flow ended as expected. Leaves no process behind, however it ends.

    ``keep``: afterwards, keep everything running until Ctrl-C, including the gateway.
    Raises ``StackError`` if a process does not start, ``NoCodeError`` if a phone receives no message.
    """
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGINT too: background jobs ignore it by default
        if task:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    timeline = Timeline(as_json=as_json)
    async with running_stack(ANY) as (stack, client), httpx.AsyncClient(trust_env=False) as http:
        timeline.print("temporal", f"listens on {stack.temporal}, its UI on {stack.ui}")
        timeline.print("auth0", f"is emulated at {stack.auth0}")
        flows = Flows(client, tenant=stack.auth0, keys=stack.keys)
        credentials = ClientSecret(CLIENT[0], SecretStr(CLIENT[1]))
        auth0 = Auth0(http, base_url=stack.auth0, credentials=credentials)
        ada = DemoUser(http, auth0, stack.auth0, "ada@example.com", "+15555550123")
        bob = DemoUser(http, auth0, stack.auth0, "bob@example.com", "+15555550145")
        await Scenes(stack, flows, timeline, ada, bob).play()
        timeline.end()
        if keep:
            timeline.scene("Everything stays up until Ctrl-C")
            await until_stopped(run_console(stack, http, as_json=as_json))
    return not timeline.failed
