"""The tenant log, with Auth0's event types (Auth0 docs, log event type codes)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from auth0_mfa_emulator.storage.table import Table

EventType = Literal[
    "s", "ssa", "fsa", "seacft", "feacft", "slo", "flo",
    "sepft", "fp", "fu", "f", "sertft", "fertft", "ferrt", "srrt", "seccft",
    "sede", "fede", "fdeaz", "fdeac", "fdecc",
    "mfar", "gd_start_enroll", "gd_enrollment_complete", "gd_start_auth", "gd_unenroll",
    "gd_send_sms", "gd_send_sms_failure", "gd_send_voice", "gd_send_voice_failure",
    "gd_send_email", "gd_send_email_failure", "gd_send_pn", "gd_send_pn_failure",
    "gd_auth_succeed", "gd_auth_failed", "gd_auth_rejected", "gd_otp_rate_limit_exceed",
    "gd_recovery_succeed", "gd_recovery_failed", "gd_recovery_rate_limit_exceed",
    "seoobft", "feoobft", "seotpft", "feotpft", "sercft", "fercft",
    "limit_wc", "limit_sul", "limit_phone",
]  # fmt: skip
DESCRIPTIONS: dict[EventType, str] = {
    "s": "Success Login",
    "ssa": "Success Silent Auth",
    "fsa": "Failed Silent Auth",
    "seacft": "Success Exchange (Authorization Code for Access Token)",
    "feacft": "Failed Exchange (Authorization Code for Access Token)",
    "slo": "Success Logout",
    "flo": "Failed Logout",
    "sepft": "Success Exchange (Password for Access Token)",
    "fp": "Failed Login (Incorrect Password)",
    "fu": "Failed Login (Invalid Email/Username)",
    "f": "Failed Login",
    "sertft": "Success Exchange (Refresh Token for Access Token)",
    "fertft": "Failed Exchange (Refresh Token for Access Token)",
    "ferrt": "Failed Exchange of Rotating Refresh Token",
    "srrt": "Revoked Refresh Token",
    "seccft": "Success Exchange (Client Credentials for Access Token)",
    "sede": "Success Exchange (Device Code for Access Token)",
    "fede": "Failed Exchange (Device Code for Access Token)",
    "fdeaz": "Failed Device Authorization Request",
    "fdeac": "Failed Device Activation",
    "fdecc": "User Canceled Device Confirmation",
    "mfar": "MFA Required",
    "gd_start_enroll": "Start Enrollment",
    "gd_enrollment_complete": "Enrollment Complete",
    "gd_start_auth": "Start Second Factor",
    "gd_unenroll": "Unenroll",
    "gd_send_sms": "Send SMS",
    "gd_send_sms_failure": "Send SMS Failure",
    "gd_send_voice": "Make Voice Call",
    "gd_send_voice_failure": "Make Voice Call Failure",
    "gd_send_email": "Send Email",
    "gd_send_email_failure": "Send Email Failure",
    "gd_send_pn": "Send Push Notification",
    "gd_send_pn_failure": "Send Push Notification Failure",
    "gd_auth_succeed": "Second Factor Succeeded",
    "gd_auth_failed": "Second Factor Failed",
    "gd_auth_rejected": "Second Factor Rejected",
    "gd_otp_rate_limit_exceed": "Too Many Failures",
    "gd_recovery_succeed": "Recovery Succeeded",
    "gd_recovery_failed": "Recovery Failed",
    "gd_recovery_rate_limit_exceed": "Too Many Recovery Failures",
    "seoobft": "Success Exchange (OOB Challenge for Access Token)",
    "feoobft": "Failed Exchange (OOB Challenge for Access Token)",
    "seotpft": "Success Exchange (OTP Challenge for Access Token)",
    "feotpft": "Failed Exchange (OTP Challenge for Access Token)",
    "sercft": "Success Exchange (Recovery Code for Access Token)",
    "fercft": "Failed Exchange (Recovery Code for Access Token)",
    "limit_wc": "Blocked Account",
    "limit_sul": "Blocked Account (Too Many Logins)",
    "limit_phone": "Too Many Phone Messages",
}
"""Human-readable descriptions of the event types."""
KEPT = 100_000
"""How many events are kept: more than any test reads, at a negligible cost in memory."""


@dataclass(frozen=True)
class Event:
    """One log entry. `at` is epoch seconds of the tenant's clock; details never contain secrets."""

    id: int
    at: float
    type: EventType
    user_id: str | None = None
    user_name: str | None = None
    client_id: str | None = None
    details: dict[str, str] = field(default_factory=dict)


def log_id(event: Event) -> str:
    """Returns the id in the format of the Management API: 56 digits that begin with the time and grow (recorded)."""
    moment = datetime.fromtimestamp(event.at, UTC)
    return f"900{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03}{event.id:036}"


@dataclass
class EventLog:
    """The newest events, by id, oldest first. Ids count up from 1."""

    events: Table[Event] = field(default_factory=Table)

    @property
    def next_id(self) -> int:
        """The id of the next event."""
        return int(next(reversed(self.events), "0")) + 1

    def add(self, event: Event) -> None:
        """Append one event."""
        self.events[str(event.id)] = event
        self.events.pop(str(event.id - KEPT), None)
