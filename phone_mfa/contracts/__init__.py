"""Contracts: the messages and results exchanged between processes. All that callers need to talk to a flow."""

from .challenge import ChallengeResult, StartChallenge
from .enrollment import (
    CancelFlow,
    ChangePhoneNumber,
    EnrollmentResult,
    ProvideMfaToken,
    ResendCode,
    StartEnrollment,
    SwitchChannel,
    WhenEnrolled,
)
from .policy import FlowPolicy
from .problems import problem_with
from .recipient import RecipientKey
from .result import FlowResult
from .status import (
    Action,
    CodeVerdict,
    FlowKind,
    FlowView,
    Outcome,
    Phase,
    SendReceipt,
    Trouble,
    Verdict,
    Wait,
    WaitReason,
    Withheld,
)
from .types import (
    BindingCode,
    Channel,
    FlowMessage,
    PhoneNumber,
    RecoveryCode,
    Secret,
    Token,
    TokenSet,
    is_access_token,
    masked,
    reveal,
)

__all__ = [
    "Action",
    "BindingCode",
    "CancelFlow",
    "ChallengeResult",
    "ChangePhoneNumber",
    "Channel",
    "CodeVerdict",
    "EnrollmentResult",
    "FlowKind",
    "FlowMessage",
    "FlowPolicy",
    "FlowResult",
    "FlowView",
    "Outcome",
    "Phase",
    "PhoneNumber",
    "ProvideMfaToken",
    "RecipientKey",
    "RecoveryCode",
    "ResendCode",
    "Secret",
    "SendReceipt",
    "StartChallenge",
    "StartEnrollment",
    "SwitchChannel",
    "Token",
    "TokenSet",
    "Trouble",
    "Verdict",
    "Wait",
    "WaitReason",
    "WhenEnrolled",
    "Withheld",
    "is_access_token",
    "masked",
    "problem_with",
    "reveal",
]
