"""How we talk to Temporal: the one data converter, and the one way to connect.

Connection settings are Temporal's own (``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``, TLS,
profiles: Temporal docs, "Environment configuration"), so that Temporal Cloud works by environment alone.
"""

import re
from typing import Final

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError

DEFAULT_ADDRESS: Final = "localhost:7233"

_OF_THE_SYSTEM: Final = re.compile(r'message: "([^"]+)"')
"""The operating system's own words, inside what the client's core dumps of a failed connection."""


class TemporalUnreachableError(Exception):
    """No Temporal server answers, or it does not let us in. Says where, in one sentence."""


class TemporalSettingsError(TemporalUnreachableError):
    """The ``TEMPORAL_*`` settings lead nowhere, whatever runs there."""


def data_converter() -> DataConverter:
    """How values become payloads. Built here only, so that what guards payloads guards all of them."""
    return pydantic_data_converter


async def connect(*, runtime: Runtime | None = None) -> Client:
    """A client for the server the environment names. Raises ``TemporalUnreachableError``."""
    try:
        config = ClientConfig.load_client_connect_config()
    except Exception as error:
        raise TemporalSettingsError(f"The TEMPORAL_* settings cannot be read: {error}") from None
    config.setdefault("target_host", DEFAULT_ADDRESS)
    try:
        return await Client.connect(**config, data_converter=data_converter(), runtime=runtime)
    except ValueError:
        raise TemporalSettingsError("TEMPORAL_ADDRESS must be host:port.") from None
    except (RuntimeError, RPCError) as error:
        told = str(error).partition("\n")[0]
        reason = (_OF_THE_SYSTEM.findall(told) or [told])[-1]
        raise TemporalUnreachableError(f"Temporal cannot be reached at {config['target_host']}: {reason}") from None
