"""The local stack until it is stopped, with a console: prints the addresses, and links on request."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Final

import httpx
import typer

from starter.output import error_line, say, say_json

from .demo_app import DemoApp, Link
from .demo_user import PASSWORD
from .ports import Ports
from .processes import StackError, start_together
from .stack import Stack, running_stack

TITLES: Final = {
    "invite": "To sign in and enroll a phone, as {} with the password {}:",
    "enroll": "To enroll a phone, as {}:",
    "verify": "To log in with an enrolled phone, as {}:",
}
KEYS: Final = """
  Enter          another link to enroll
  i and Enter    another link to sign in and enroll
  v and Enter    another link to log in
  k and Enter    kill the worker with SIGKILL; the next one resumes its flows
  Ctrl-C         stop and clean up"""


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
        await run_console(stack, http, as_json=as_json)


async def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Run ``work`` until it is done, or until Ctrl-C or another termination signal, which is not an error."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)  # a second one does not disturb cleanup
    working, stopping = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopping):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def run_console(stack: Stack, http: httpx.AsyncClient, *, as_json: bool) -> None:
    """Start the gateway and the codec server, then read commands forever. Raises ``StackError`` if a process ends."""
    await start_together(stack.start_gateway(), stack.start_codec_server())
    app = DemoApp(stack, http)
    _print_addresses(stack, await app.curl(), as_json=as_json)
    tasks = {asyncio.create_task(stack.processes.watch()), asyncio.create_task(_serve(stack, app, as_json=as_json))}
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


async def _serve(stack: Stack, app: DemoApp, *, as_json: bool) -> None:
    """Print two links, then handle typed commands."""
    await app.prepare()
    for link in (await app.invite(), await app.enroll(), await app.verify()):
        _print_link(link, as_json=as_json)
    if not as_json:
        say(KEYS)
    lines = _typed_lines()
    while True:
        typed = (await lines.get()).strip().lower()
        if typed.startswith("k"):
            await stack.kill_worker()
            _print_worker(await stack.start_worker(), as_json=as_json)
            continue
        try:
            link = await _asked_of(app, typed)
        except StackError as error:  # the next attempt may succeed
            typer.echo(error_line("StackError", str(error), as_json=as_json), err=True)
        else:
            _print_link(link, as_json=as_json)


async def _asked_of(app: DemoApp, typed: str) -> Link:
    if typed.startswith("i"):
        return await app.invite()
    return await (app.verify() if typed.startswith("v") else app.enroll())


def _typed_lines() -> asyncio.Queue[str]:
    """Return a queue of the typed lines."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # no terminal, invalid text, or a closed loop
            for line in sys.stdin or ():
                loop.call_soon_threadsafe(lines.put_nowait, line)

    signal.signal(signal.SIGTTIN, signal.SIG_IGN)  # as a background job, do not stop on reading
    threading.Thread(target=read, daemon=True).start()  # a read of a terminal cannot be cancelled
    return lines


def _print_addresses(stack: Stack, curl: str, *, as_json: bool) -> None:
    shown = {
        "phones": stack.phone(),
        "gateway": stack.gateway,
        "temporal_ui": stack.ui,
        "codec_server": stack.sign_in,
        "temporal": stack.temporal,
        "api_key": stack.api_key,
        "codec_token": stack.codec_token,
        "settings": str(stack.shell_file()),
        "output": str(stack.folder),
    }
    if as_json:
        say_json(**shown, curl=curl)
        return
    say(f"""
Everything is up, on loopback only.

  phones          {shown["phones"]}
  gateway         {shown["gateway"]}   its API: {shown["gateway"]}/openapi.json
  Temporal UI     {shown["temporal_ui"]}
  codec server    {shown["codec_server"]}
                  sign in there to see decrypted payloads in the Temporal UI; its token is {shown["codec_token"]}
  Temporal        {shown["temporal"]}   to use phone-mfa and temporal in a shell: . {shown["settings"]}
  output          {shown["output"]}
  API key         {shown["api_key"]}

To start a flow like a backend:

{curl}""")


def _print_link(link: Link, *, as_json: bool) -> None:
    if as_json:
        more = {"password": PASSWORD} if link.page == "invite" else {}
        say_json(page=link.page, user=link.user, phone_number=link.phone_number, url=link.url, phone=link.phone, **more)
        return
    say(f"\n{TITLES[link.page].format(link.user, PASSWORD)}\n  {link.url}\n  the code appears at {link.phone}")


def _print_worker(pid: int, *, as_json: bool) -> None:
    if as_json:
        say_json(worker=pid)
    else:
        say(f"\nThe worker was killed; another one runs as process {pid}.")
