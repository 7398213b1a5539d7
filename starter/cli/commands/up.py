"""``up``: everything at once, on this computer, to play with."""

import asyncio

from starter.local import run_up

from . import options as o


def up(as_json: o.Json = False) -> None:
    """Start everything to play with: Temporal with its UI, a pretend Auth0 with phones, worker, gateway, codec server.

    Needs no settings and no network. Tells where everything is, and gives links: open one in a browser, read the code
    off the pretend phone, and type it. Ctrl-C stops everything and leaves nothing behind.

    \b
    phone-mfa up
    """
    asyncio.run(run_up(as_json=as_json))
