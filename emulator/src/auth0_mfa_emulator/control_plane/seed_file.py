"""Loads the file of `--seed`."""

from pathlib import Path

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.errors import RefusedError
from auth0_mfa_emulator.forms import checked
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import parse_json

from .seed import Seed, plant


class SeedError(Exception):
    """A seed cannot be loaded; the message is one sentence that names the field."""


def plant_file(tenant: Tenant, path: Path) -> None:
    """Load a seed file into the tenant. Raises SeedError, and loads nothing, if any of it is invalid."""
    try:
        given = parse_json(path.read_bytes())
    except OSError as problem:
        raise SeedError(f"The seed {path} cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise SeedError(f"The seed {path} is not UTF-8 encoded JSON.") from None
    try:
        checked(lambda: plant(tenant, Seed.model_validate(given)), errors.control)
    except RefusedError as refused:
        raise SeedError(f"The seed {path} is invalid: {refused.body['error']}") from None
