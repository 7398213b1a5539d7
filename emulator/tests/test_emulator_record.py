"""The request log, whose size is bounded."""

from auth0_mfa_emulator.state import NEWEST_CALLS, RequestLog


def test_the_record_keeps_the_newest_calls_and_forgets_the_oldest() -> None:
    request_log = RequestLog()
    for number in range(NEWEST_CALLS + 2):
        request_log.open("GET", f"/{number}")
    assert len(request_log.calls) == NEWEST_CALLS
    assert request_log.calls[0].path == "/2"
    assert request_log.calls[-1].path == f"/{NEWEST_CALLS + 1}"
