"""One example of each response body, for the OpenAPI document."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, SecretStr, TypeAdapter

from phone_mfa.client.listing import FlowSummary
from phone_mfa.contracts import (
    Action,
    ChallengeResult,
    Channel,
    CodeVerdict,
    EnrollmentResult,
    FlowKind,
    FlowView,
    Outcome,
    Phase,
    TokenSet,
    Verdict,
    masked,
)

from .routes.health import Health
from .schemas import (
    NUMBER,
    AcceptedAnswer,
    FlowsAnswer,
    FlowTokenAnswer,
    LinkAnswer,
    LoginAnswer,
    RecoveryCodeAnswer,
    StartedAnswer,
)

_FLOW: Final = f"enroll-{'a2b3' * 8}"
_RUN: Final = "0198c7a4-6d0e-7b4e-9d0e-1f2a3b4c5d6e"
_MASKED: Final = masked(NUMBER)
_NOW: Final = datetime(2026, 1, 31, 12, tzinfo=UTC)
_TOKEN: Final = "eyJhbGciOi..."
_RECOVERY_CODE: Final = SecretStr("ABCDEFGHJKLMNPQRSTUVWX23")


def _later(seconds: int) -> datetime:
    return _NOW + timedelta(seconds=seconds)


_VIEW: Final = FlowView(
    run_id=_RUN,
    kind=FlowKind.ENROLLMENT,
    phase=Phase.WAITING_FOR_CODE,
    channel=Channel.SMS,
    phone_number=_MASKED,
    message=1,
    sent_at=_NOW,
    code_expires_at=_later(300),
    token_expires_at=_later(600),
    flow_expires_at=_later(24 * 3600),
    resend_allowed_at=_later(30),
    sends_left=4,
    tries_left=5,
    allowed_actions=(Action.SUBMIT_CODE, Action.CHANGE_NUMBER, Action.CANCEL),
)
_SUMMARY: Final = FlowSummary(
    flow_id=_FLOW,
    kind=FlowKind.ENROLLMENT,
    status="running",
    phase=Phase.WAITING_FOR_CODE,
    channel=Channel.SMS,
    outcome=None,
    started_at=_NOW,
    closed_at=None,
)

EXAMPLES: Final[Sequence[BaseModel | FlowSummary]] = (
    _VIEW,
    _SUMMARY,
    CodeVerdict(
        run_id=_RUN, verdict=Verdict.WRONG, tries_left=4, reason="The code is wrong.", submission_id="b7c1f2de"
    ),
    EnrollmentResult(
        run_id=_RUN,
        outcome=Outcome.ENROLLED,
        channel=Channel.SMS,
        phone_number=_MASKED,
        sends=1,
        recovery_code=_RECOVERY_CODE,
    ),
    ChallengeResult(
        run_id=_RUN,
        outcome=Outcome.VERIFIED,
        channel=Channel.SMS,
        phone_number=_MASKED,
        sends=1,
        tokens=TokenSet(access_token=SecretStr(_TOKEN), expires_in=86400, id_token=SecretStr(_TOKEN)),
    ),
    FlowTokenAnswer(flow_token=_TOKEN, flow_token_expires_at=_later(1800)),
    StartedAnswer(
        flow_id=_FLOW,
        run_id=_RUN,
        flow_token=_TOKEN,
        flow_token_expires_at=_later(1800),
        link=None,
        attached=False,
        replaced=False,
        view=_VIEW,
    ),
    LinkAnswer(url=f"https://phone.example.com/enroll#invitation={_TOKEN}", expires_at=_later(24 * 3600)),
    LoginAnswer(url="https://tenant.eu.auth0.com/authorize?response_type=code&..."),
    AcceptedAnswer(),
    RecoveryCodeAnswer(recovery_code=_RECOVERY_CODE),
    Health(),
    FlowsAnswer(flows=[_SUMMARY], next_cursor="eyJhIjoiMSJ9.q3d..."),
)


def examples() -> Iterator[tuple[str, Any]]:
    """Yields each example with the name of its schema."""
    for example in EXAMPLES:
        kind = type(example)
        yield kind.__name__, TypeAdapter(kind).dump_python(example, mode="json")
