"""``phone-mfa demo``: the whole product on this computer, as separate processes, in under a minute."""

import asyncio
import shlex
import signal

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret
from starter.flows import Flows

from .scenes import Scenes
from .stack import Stack, StackError, running_stack
from .timeline import Timeline
from .virtual import NoCodeError, Person

__all__ = ["NoCodeError", "StackError", "run_demo"]


async def run_demo(*, keep: bool, as_json: bool) -> bool:
    """Play every scene; tells whether each flow ended as it should. Leaves no process behind, however it ends.

    ``keep``: afterwards leave everything up until Ctrl-C.
    Raises ``StackError`` when a process does not start, ``NoCodeError`` when a phone stays silent.
    """
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if task:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    timeline = Timeline(as_json=as_json)
    async with running_stack() as (stack, client), httpx.AsyncClient(trust_env=False) as http:
        timeline.tell("temporal", f"listens on {stack.temporal}, its UI on {stack.ui}")
        timeline.tell("auth0", f"is played by the emulator at {stack.auth0}")
        flows = Flows(client, tenant=stack.auth0, naming_key=stack.keys.ring().naming_key)
        credentials = ClientSecret("emulator-client", SecretStr("emulator-secret"))
        auth0 = Auth0(http, base_url=stack.auth0, credentials=credentials)
        ada = Person(http, auth0, stack.auth0, "ada@example.com", "+15555550123")
        bob = Person(http, auth0, stack.auth0, "bob@example.com", "+15555550145")
        await Scenes(stack, flows, timeline, ada, bob).play()
        timeline.end()
        if keep:
            await _until_interrupted(stack, timeline)
    return not timeline.failed


async def _until_interrupted(stack: Stack, timeline: Timeline) -> None:
    await stack.start_codec_server()
    timeline.scene("Everything stays up until Ctrl-C")
    timeline.tell("ui", stack.ui)
    timeline.tell("codec", f"To see what is sealed, sign in at {stack.codec}/#token={stack.codec_token}")
    for name, value in _for_a_shell(stack).items():
        timeline.tell("shell", f"export {name}={shlex.quote(value)}")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _for_a_shell(stack: Stack) -> dict[str, str]:
    """What a person needs to go on with ``phone-mfa`` and ``temporal``."""
    codec = {"TEMPORAL_CODEC_ENDPOINT": stack.codec, "TEMPORAL_CODEC_AUTH": f"Bearer {stack.codec_token}"}
    return stack.environment | codec
