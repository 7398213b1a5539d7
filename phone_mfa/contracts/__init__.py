"""What crosses a wire between our processes. Callers need nothing else to talk to a flow."""

from .attributes import FlowAttributes
from .challenge import ChallengeResult, StartChallenge
from .enrollment import (
    CancelFlow,
    ChangePhoneNumber,
    EnrollmentResult,
    ProvideMfaToken,
    StartEnrollment,
    SwitchChannel,
    WhenEnrolled,
)
from .outcomes import Action, CodeVerdict, FlowKind, FlowView, Outcome, Phase, SendReceipt, Verdict, Withheld
from .policy import FlowPolicy
from .problems import problem_with
from .recipient import RecipientKey
from .result import FlowResult
from .values import (
    BindingCode,
    Channel,
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
    "FlowAttributes",
    "FlowKind",
    "FlowPolicy",
    "FlowResult",
    "FlowView",
    "Outcome",
    "Phase",
    "PhoneNumber",
    "ProvideMfaToken",
    "RecipientKey",
    "RecoveryCode",
    "Secret",
    "SendReceipt",
    "StartChallenge",
    "StartEnrollment",
    "SwitchChannel",
    "Token",
    "TokenSet",
    "Verdict",
    "WhenEnrolled",
    "Withheld",
    "is_access_token",
    "masked",
    "problem_with",
    "reveal",
]
