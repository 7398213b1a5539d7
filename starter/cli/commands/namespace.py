"""``namespace prepare``: the search attributes in Temporal."""

import asyncio

import typer
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.process import help_of
from phone_mfa.search_attributes import SearchAttributes, SearchAttributesError, create_search_attributes
from phone_mfa.temporal import TemporalUnreachableError
from starter.cli.connect import open_flows
from starter.output import say, say_json

from . import options as o

_NO_ANSWER = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED)


def prepare(as_json: o.Json = False) -> None:
    """Create the search attributes that flows need in the Temporal namespace. What is there stays.

    Run it once for each namespace, before the first worker starts. Run again, it changes nothing.

    \b
    phone-mfa namespace prepare
    """
    found = asyncio.run(_prepare())
    if as_json:
        say_json(namespace=found.namespace, created=list(found.missing), present=list(found.present))
        return
    if found.missing:
        say(f"Created in namespace {found.namespace}: {', '.join(found.missing)}.")
    if found.present:
        say(f"Already in namespace {found.namespace}: {', '.join(found.present)}.")


async def _prepare() -> SearchAttributes:
    client = (await open_flows()).client
    try:
        return await create_search_attributes(client)
    except RPCError as error:
        if error.status in _NO_ANSWER:
            raise TemporalUnreachableError("Temporal does not answer: run the command again in a while.") from None
        raise SearchAttributesError(
            f"Temporal does not let this client create search attributes in namespace {client.namespace} "
            f"({error.status.name}): an administrator has to create them. On Temporal Cloud, use the Cloud UI or tcld."
        ) from None


namespace = typer.Typer(help="Prepare the Temporal namespace that flows run in.")
namespace.callback()(lambda: None)  # else typer takes the one command for the whole
namespace.command("prepare", help=help_of(prepare))(prepare)
