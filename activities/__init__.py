"""Acts: calls Auth0 for flows and says in their words what came of it. Refuses to decide what happens next."""

from .error_mapping import FAILURES, Failure
from .mfa import MfaActivities

__all__ = ["FAILURES", "Failure", "MfaActivities"]
