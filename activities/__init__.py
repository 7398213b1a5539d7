"""Activities: call Auth0 for flows and return the results as contract types. They do not decide what happens next."""

from .error_mapping import FAILURES, Failure
from .mfa import MfaActivities

__all__ = ["FAILURES", "Failure", "MfaActivities"]
