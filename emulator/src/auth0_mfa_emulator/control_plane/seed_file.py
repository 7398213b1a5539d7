"""Reading the file that `--seed` names."""

from pathlib import Path

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.errors import RefusedError
from auth0_mfa_emulator.forms import checked
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import parse_json

from .seed import Seed, plant


class SeedError(Exception):
    """Why a seed cannot be planted, in one sentence that names the field."""


def plant_file(tenant: Tenant, path: Path) -> None:
    """Put everything of a seed file into the tenant; SeedError, and nothing planted, when anything in it is wrong."""
    try:
        given = parse_json(path.read_bytes())
    except OSError as problem:
        raise SeedError(f"The seed {path} cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise SeedError(f"The seed {path} is not JSON in UTF-8.") from None
    try:
        checked(lambda: plant(tenant, Seed.model_validate(given)), errors.control)
    except RefusedError as refused:
        raise SeedError(f"The seed {path} does not fit: {refused.body['error']}") from None
