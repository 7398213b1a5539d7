"""One decision in the making: the state so far and the commands so far. What several parts of a decision share."""

from typing import Final

from phone_mfa.contracts import CodeVerdict, SendReceipt, Verdict, WaitReason, Withheld
from phone_mfa.contracts.calls import Refusal

from .commands import Call, CallRequest, Command, Reply
from .records import Credential, OpenCall, Purpose, SendRequest, Submission, kept, same
from .state import State

OVER = "The flow is over."

TOKEN_OF_NO_USE: Final = {
    Refusal.TOKEN_REFUSED: WaitReason.TOKEN_REFUSED,
    Refusal.SCOPE_MISSING: WaitReason.SCOPE_MISSING,
}
"""Refusals after which another token is needed, and why."""

CHECKS: Final = frozenset({Purpose.CHECK, Purpose.CHECK_RECOVERY, Purpose.LIST_AFTER_LOST_CHECK})
"""Calls that find out about a code."""


class Turn:
    """Not shared and not kept: ``decide`` makes one and throws it away."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.commands: list[Command] = []
        self.phase_callers: list[str] = []

    def set(self, **changes: object) -> None:
        """Change the state."""
        self.state = self.state.model_copy(update=changes)

    def call(
        self,
        purpose: Purpose,
        credential: Credential,
        request: CallRequest,
        summary: str,
        submission: Submission | None = None,
    ) -> None:
        """Ask Auth0. ``submission``: the code that this finds out about."""
        held = self.state.check_hold if purpose in CHECKS else self.state.send_hold
        again = f" (again after {held.reason})" if held and self.state.refusals else ""
        self.set(call=OpenCall(at=self.state.at, purpose=purpose, credential=credential, submission=submission))
        self.commands.append(Call(request, f"{summary}{again}"))

    def reply(self, request: str | None, answer: CodeVerdict | SendReceipt) -> None:
        """Answer somebody who waits; nobody may."""
        if request is not None:
            self.commands.append(Reply(request, answer))

    # Sending

    def receipt(self, withheld: Withheld | None = None, reason: str = "") -> SendReceipt:
        """The answer to a request for a message."""
        state = self.state
        return SendReceipt(
            sent=withheld is None,
            withheld=withheld,
            run_id=state.run_id,
            message=state.sends,
            channel=state.channel,
            phone_number=state.shown_number,
            allowed_at=state.resend_allowed_at,
            sends_left=state.sends_left,
            reason=reason,
        )

    def want_message(self, request: str | None = None) -> None:
        """Want a message, or join in the wish for one."""
        if self.state.sends_left:
            callers = self.state.wanted.callers if self.state.wanted else ()
            joined = callers if request is None or request in callers else (*callers, request)
            self.set(wanted=SendRequest(callers=joined))

    def answer_wanted(self, receipt: SendReceipt) -> None:
        """Answer all who wait for a message. It stays wanted."""
        for request in self.state.wanted.callers if self.state.wanted else ():
            self.reply(request, receipt)
        self.set(wanted=self.state.wanted and SendRequest())

    def drop_wanted(self, receipt: SendReceipt) -> None:
        """Answer all who wait for a message. It is wanted no more."""
        self.answer_wanted(receipt)
        self.set(wanted=None)

    def close_message(self, verdict: Verdict, reason: str, **more: object) -> CodeVerdict:
        """No code for the newest message is checked from now on; each gets this verdict."""
        closing = CodeVerdict(verdict=verdict, tries_left=self.state.tries_left, reason=reason, **more)
        if self.state.message:
            self.set(message=self.state.message.model_copy(update={"closed": closing}))
        return closing

    def drop_credential(self, refused: Credential, refusal: Refusal = Refusal.TOKEN_REFUSED) -> None:
        """Forget a token Auth0 refused, unless a fresh one came meanwhile."""
        held = self.state.credential
        if held and same(held.token, refused.token):
            self.set(credential=None, token_reason=TOKEN_OF_NO_USE[refusal])

    # Checking

    def judge(self, submission: Submission, verdict: CodeVerdict) -> None:
        """Give a code its verdict; it stays. A recovery code that was not checked may be right later."""
        for caller in submission.callers:
            told = verdict.model_copy(update={"submission_id": caller.submission_id, "run_id": self.state.run_id})
            self.reply(caller.request, told)
        keep = not submission.is_recovery or verdict.verdict in (Verdict.ACCEPTED, Verdict.WRONG)
        judged = submission.model_copy(update={"verdict": verdict, "callers": ()})
        self.set(
            last_verdict=verdict,
            submissions=kept(judged if each == submission else each for each in self.state.submissions)
            if keep
            else tuple(each for each in self.state.submissions if each != submission),
        )

    def judge_all(self, verdict: CodeVerdict) -> None:
        """Give everything that waits this verdict."""
        while waiting := self.state.waiting:
            self.judge(waiting, verdict)

    def keep(self, sealed: str | None, *, too_long: bool = False) -> None:
        """Keep what is sealed to the recipient. ``too_long``: tokens that should be there could not be sealed."""
        self.set(sealed=(*self.state.sealed, *([sealed] if sealed else [])), tokens_too_long=too_long)
