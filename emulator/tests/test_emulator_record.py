"""The record of calls, whose memory ends where a long load run would go on."""

from auth0_mfa_emulator.calls.request_log import NEWEST, Journal


def test_the_record_keeps_the_newest_calls_and_forgets_the_oldest() -> None:
    journal = Journal()
    for number in range(NEWEST + 2):
        journal.open("GET", f"/{number}")
    assert len(journal.calls) == NEWEST
    assert journal.calls[0].path == "/2"
    assert journal.calls[-1].path == f"/{NEWEST + 1}"
