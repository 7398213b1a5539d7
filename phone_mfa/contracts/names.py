"""Names others address us by. Changing one breaks running flows and callers in other languages."""

from typing import Final

TASK_QUEUE: Final = "phone-mfa"
"""Where flows run."""


def auth0_task_queue(task_queue: str) -> str:
    """Where the calls to Auth0 of flows on ``task_queue`` are made when they are held to a rate, as a queue can be."""
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
CANCEL_FLOW: Final = "cancel_flow"
VIEW: Final = "view"
"""The query, and the memo in which the view is published."""

UNCHANGED: Final = "Unchanged"
"""The type of an update's failure that changed nothing. Its details have what the update answers otherwise."""

SEARCH_ATTRIBUTES: Final = {
    "MfaFlow": "Keyword",
    "MfaPhase": "Keyword",
    "MfaChannel": "Keyword",
    "MfaOutcome": "Keyword",
    "MfaSends": "Int",
    "MfaWrongCodes": "Int",
}
"""Search attributes a namespace must have, and their types."""
