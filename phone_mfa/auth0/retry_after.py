"""Parses how long Auth0 asks to wait from the response headers. Does not wait itself."""

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

_WHOLE_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)


def retry_after_seconds(status: int, headers: httpx.Headers) -> float | None:
    """Returns the seconds to wait from now, never negative, or None if the answer does not say.

    ``Retry-After`` holds seconds or an HTTP date (RFC 9110, section 10.2.3). If a tenant's 429 lacks it,
    ``x-ratelimit-reset`` applies, in epoch seconds; with other statuses that header is only informational (Auth0 docs,
    "Rate Limit Policy").
    """
    asked = headers.get("retry-after", "").strip()
    if _WHOLE_SECONDS.fullmatch(asked):
        return float(asked)
    if asked and (moment := _http_date(asked)) is not None:
        return max(0.0, moment - time.time())
    reset = headers.get("x-ratelimit-reset", "").strip()
    if status == 429 and _WHOLE_SECONDS.fullmatch(reset):
        return max(0.0, float(reset) - time.time())
    return None


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
