"""Follows a flow: shows each change and forwards what is typed meanwhile.

Parses input lines into codes and commands; every decision is left to the flow.
"""

import asyncio
import contextlib
import sys
import threading
import uuid
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.live import Live
from rich.table import Table

from phone_mfa.client.errors import EngineUnreachableError, FlowsError
from phone_mfa.client.flows import Flows
from phone_mfa.contracts import BindingCode, Channel, FlowView, Phase, SendReceipt, problem_with
from starter.output import receipt_line, say, say_json, verdict_line, view_line, view_table

INVITATION: Final = "Enter the code from the phone, or one of: resend, sms, voice, cancel."


async def watch_live(flows: Flows, flow_id: str, console: Console) -> FlowView | None:
    """Show the full status on a terminal, refreshed twice a second, until the flow has ended."""
    view: FlowView | None = None

    def drawn() -> Table:
        return view_table(flow_id, view) if view else Table.grid()

    with Live(console=console, get_renderable=drawn, refresh_per_second=2) as live:
        async for view in flows.watch(flow_id):  # noqa: B007 - drawn() shows it
            live.refresh()
    return view


async def watch_lines(flows: Flows, flow_id: str, *, as_json: bool) -> FlowView | None:
    """Print one line per change until the flow has ended."""
    view = None
    async for view in flows.watch(flow_id):
        if as_json:
            say_json(view, flow_id=flow_id)
        else:
            say(view_line(view))
    return view


@dataclass(slots=True)
class InteractiveSession:
    """Connects a person at the keyboard, or a program at the pipe, with a running flow."""

    flows: Flows
    flow_id: str
    as_json: bool

    async def until_over(self) -> FlowView | None:
        """Show each change and handle each line until the flow has ended, even if the input ends first."""
        typing = asyncio.create_task(self._take_lines())
        view = None
        try:
            async for view in self.flows.watch(self.flow_id):
                self._show(view)
        finally:
            typing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await typing
        return view

    def _show(self, view: FlowView) -> None:
        if self.as_json:
            say_json(view, flow_id=self.flow_id)
            return
        say(view_line(view))
        if view.phase is Phase.WAITING_FOR_CODE and sys.stdin is not None and sys.stdin.isatty():
            say(INVITATION)

    async def _take_lines(self) -> None:
        lines = _lines_typed()
        while (line := await lines.get()) is not None:
            if line:
                await self._take(line)

    async def _take(self, line: str) -> None:
        try:
            match line.lower():
                case "resend":
                    self._receipt(await self.flows.resend(self.flow_id))
                case "sms" | "voice" as channel:
                    self._receipt(await self.flows.switch_channel(self.flow_id, Channel(channel)))
                case "cancel":
                    await self.flows.cancel(self.flow_id)
                case _:
                    await self._check(BindingCode(code=SecretStr(line), submission_id=str(uuid.uuid4())))
        except ValidationError as error:  # the line is too long
            self._print(problem_with("code", error))
        except EngineUnreachableError:
            return  # the watching task reports it and ends
        except FlowsError as error:
            self._print(str(error))

    async def _check(self, code: BindingCode) -> None:
        if code.problem:
            self._print(code.problem)
            return
        verdict = await self.flows.check_binding_code(self.flow_id, code)
        if self.as_json:
            say_json(verdict, flow_id=self.flow_id)
        else:
            say(verdict_line(verdict))

    def _receipt(self, receipt: SendReceipt) -> None:
        if self.as_json:
            say_json(receipt, flow_id=self.flow_id)
        else:
            say(receipt_line(receipt))

    def _print(self, sentence: str) -> None:
        if self.as_json:
            say_json(flow_id=self.flow_id, reason=sentence)
        else:
            say(sentence)


def _lines_typed() -> asyncio.Queue[str | None]:
    """Return a queue of the lines of standard input; None marks the end.

    Read by a daemon thread that is never joined: if the flow ends first, it is still blocked in its read.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed because the flow ended first
            for line in sys.stdin or ():
                loop.call_soon_threadsafe(lines.put_nowait, line.removeprefix("\ufeff").strip())
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, name="typed lines", daemon=True).start()
    return lines
