"""``up``: the full local stack, to try things out."""

import asyncio

from starter.local import run_up

from . import options as o


def up(as_json: o.Json = False) -> None:
    """Start a local stack: Temporal with its UI, the Auth0 emulator with phones, worker, gateway, codec server.

    Needs no settings and no network. Prints all addresses, and links: open one in a browser, read the code
    from the emulated phone, and enter it. Ctrl-C stops everything and cleans up.

    \b
    phone-mfa up
    """
    asyncio.run(run_up(as_json=as_json))
