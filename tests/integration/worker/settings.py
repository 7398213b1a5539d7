"""The environment of a worker."""

from tests.command_line import environment
from tests.keys import RING


def settings(temporal: str, auth0: str, **more: str) -> dict[str, str]:
    """A worker's environment; ``more``: other settings, and other values."""
    credentials = {"AUTH0_CLIENT_ID": "emulator-client", "AUTH0_CLIENT_SECRET": "emulator-secret"}
    addresses = {"TEMPORAL_ADDRESS": temporal, "AUTH0_DOMAIN": auth0}
    return environment(addresses | credentials | {"PHONE_MFA_KEYS": RING.text()} | more)
