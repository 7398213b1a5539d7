"""Activities: call Auth0 for flows and return the results as contract types. They do not decide what happens next."""

from .error_mapping import ERROR_MAPPINGS, ErrorMapping
from .mfa import MfaActivities

__all__ = ["ERROR_MAPPINGS", "ErrorMapping", "MfaActivities"]
