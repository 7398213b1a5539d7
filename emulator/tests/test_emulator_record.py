"""The request log, whose size is bounded."""

from auth0_mfa_emulator.calls.request_log import NEWEST, RequestLog


def test_the_record_keeps_the_newest_calls_and_forgets_the_oldest() -> None:
    request_log = RequestLog()
    for number in range(NEWEST + 2):
        request_log.open("GET", f"/{number}")
    assert len(request_log.calls) == NEWEST
    assert request_log.calls[0].path == "/2"
    assert request_log.calls[-1].path == f"/{NEWEST + 1}"
