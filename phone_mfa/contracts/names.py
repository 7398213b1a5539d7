"""Public names: task queue, workflows, messages. Changing one breaks running flows and callers in other languages."""

from typing import Final

TASK_QUEUE: Final = "phone-mfa"
"""Default task queue of the flows."""


def auth0_task_queue(task_queue: str) -> str:
    """Returns the task queue for rate-limited calls to Auth0 of flows on ``task_queue``. Rate limits are per queue."""
    return f"{task_queue}-auth0"


ENROLLMENT_WORKFLOW: Final = "EnrollmentWorkflow"
CHALLENGE_WORKFLOW: Final = "ChallengeWorkflow"

SUBMIT_BINDING_CODE: Final = "submit_binding_code"
CHECK_BINDING_CODE: Final = "check_binding_code"
CHECK_RECOVERY_CODE: Final = "check_recovery_code"
PROVIDE_MFA_TOKEN: Final = "provide_mfa_token"
RENEW_MFA_TOKEN: Final = "renew_mfa_token"
RESEND_CODE: Final = "resend_code"
SWITCH_CHANNEL: Final = "switch_channel"
CHANGE_PHONE_NUMBER: Final = "change_phone_number"
REVOKE_INVITATION: Final = "revoke_invitation"
CANCEL_FLOW: Final = "cancel_flow"
VIEW: Final = "view"
"""Name of the query, and of the memo field that the view is published in."""

UNCHANGED: Final = "Unchanged"
"""Failure type of an update that changed nothing. Its details hold the update's answer."""

SEARCH_ATTRIBUTES: Final = {
    "MfaFlow": "Keyword",
    "MfaPhase": "Keyword",
    "MfaChannel": "Keyword",
    "MfaOutcome": "Keyword",
    "MfaBudget": "Keyword",
    "MfaSends": "Int",
    "MfaWrongCodes": "Int",
}
"""Search attributes that the namespace must have, and their types."""
