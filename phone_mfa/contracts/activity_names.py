"""The names of the calls to Auth0, which history keeps. Changing one breaks running flows."""

from typing import Final

ASSOCIATE_PHONE: Final = "associate_phone"
CHALLENGE_PHONE: Final = "challenge_phone"
CHECK_CODE: Final = "check_code"
CHECK_RECOVERY_CODE: Final = "check_recovery_code"
LIST_PHONES: Final = "list_phones"
REMOVE_PENDING_PHONE: Final = "remove_pending_phone"

ASKED_ONCE: Final = frozenset({ASSOCIATE_PHONE, CHALLENGE_PHONE, CHECK_CODE, CHECK_RECOVERY_CODE})
"""Sends and checks: Auth0 is never asked again for the same decision. What changes nothing may be repeated."""
