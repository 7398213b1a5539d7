"""All there is to an emulator besides its routes; a reset replaces everything but the signing key."""

from dataclasses import dataclass, field

from starlette.requests import Request

from emulator.calls.faults import Faults
from emulator.calls.journal import Journal
from emulator.tenant.budgets import Bucket
from emulator.tenant.tenant import Tenant
from emulator.tenant.tokens import Signer


@dataclass
class Emulator:
    """The tenant, and what stands between it and the wire."""

    signer: Signer = field(default_factory=Signer)
    tenant: Tenant = field(default_factory=Tenant)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    calls: Bucket = field(default_factory=Bucket)
    """What was spent of the tenant-wide rate limit."""

    def reset(self) -> None:
        """Back to how it started."""
        self.tenant, self.faults, self.journal, self.calls = Tenant(), Faults(), Journal(), Bucket()


def emulator_of(request: Request) -> Emulator:
    """The emulator a request arrived at."""
    emulator: Emulator = request.app.state.emulator
    return emulator
