"""Names of the activities that call Auth0. They are recorded in history: changing one breaks running flows."""

from typing import Final

ASSOCIATE_PHONE: Final = "associate_phone"
CHALLENGE_PHONE: Final = "challenge_phone"
CHECK_BINDING_CODE: Final = "check_code"
CHECK_RECOVERY_CODE: Final = "check_recovery_code"
LIST_PHONES: Final = "list_phones"
REMOVE_PENDING_PHONE: Final = "remove_pending_phone"

ASKED_ONCE: Final = frozenset({ASSOCIATE_PHONE, CHALLENGE_PHONE, CHECK_BINDING_CODE, CHECK_RECOVERY_CODE})
"""Sends and checks, which are never repeated for the same decision. Calls that change nothing may be repeated."""
