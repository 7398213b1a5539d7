"""Refuses to change a key ring in a way that running flows do not survive. Knows nothing of key files."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from temporalio.client import Client

from phone_mfa.client.errors import EngineUnreachableError, RunningFlowError
from phone_mfa.client.key_usage import flows_needing, running_flows
from phone_mfa.encryption import Keyring
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.settings import FlowSettings
from phone_mfa.temporal import TemporalUnreachableError, connect

from .errors import KeyInUseError

SHOWN: Final = 5
"""How many flow ids an error names."""


async def require_unneeded(ring: Keyring, ids: Collection[str]) -> str:
    """Check that no running flow needs these keys. Returns a clause that says so, and where it looked.

    Raises ``KeyInUseError``, and ``TemporalUnreachableError`` if that cannot be known.
    """
    with _refusing_if_unknown():
        client = await _client(ring)
        running = (await running_flows(client, SHOWN)).count
        with _progress(running) as advance:
            needing = await flows_needing(client, ids, advance)
    if needing:
        raise KeyInUseError(
            f"{_listed(needing, len(needing), 'needs', 'need')} the key: wait for the end, or use `phone-mfa cancel`. "
            "--force drops the key all the same: what needs it then stops."
        )
    return f"no running flow needs it ({running} checked, in {_place(client)})"


async def require_no_flows(ring: Keyring) -> str:
    """Check that no flow runs. Returns a clause that says so, and where it looked.

    Raises ``RunningFlowError``, and ``TemporalUnreachableError`` if that cannot be known.
    """
    with _refusing_if_unknown():
        client = await _client(ring)
        running = await running_flows(client, SHOWN)
    if running.count:
        raise RunningFlowError(
            f"{_listed(running.some, running.count, 'would', 'would')} no longer be found by user: wait until none is "
            "running. --force replaces the naming key all the same; what that costs is in docs/running.md, Keys."
        )
    return f"no flow is running in {_place(client)}"


async def _client(ring: Keyring) -> Client:
    return await connect(FixedRing(ring), identity=FlowSettings.read().identity)


@contextmanager
def _refusing_if_unknown() -> Iterator[None]:
    try:
        yield
    except (TemporalUnreachableError, EngineUnreachableError) as error:
        raise TemporalUnreachableError(
            "Nothing was changed, since it is unknown which running flows that would affect "
            f"(--force changes it all the same). {error}"
        ) from None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show progress on standard error, if that is a terminal. Yields a function to call after each step."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading histories", total=total)
        yield lambda: progress.advance(task)


def _listed(ids: Sequence[str], count: int, one: str, many: str) -> str:
    """Return how many flows there are, and some of their ids, in words."""
    shown = ", ".join(ids[:SHOWN])
    rest = f" and {count - SHOWN} more" if count > SHOWN else ""
    return f"{count} running {f'flow ({shown}) {one}' if count == 1 else f'flows ({shown}{rest}) {many}'}"


def _place(client: Client) -> str:
    return f"namespace {client.namespace} at {client.service_client.config.target_host}"
