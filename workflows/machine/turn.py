"""A decision in progress: the state and the commands so far, with operations shared by the parts of a decision."""

from typing import Final

from phone_mfa.contracts import Budget, CodeVerdict, SendReceipt, Verdict, WaitReason, Withheld
from phone_mfa.contracts.calls import Answer, Refusal

from .commands import Call, CallRequest, Command, Reply
from .records import Credential, Hold, OpenCall, Purpose, SendRequest, Submission, UserSends, kept, same_text
from .state import State
from .times import LONGEST_PAUSE, SEND_PAUSE, backoff, pause, within

OVER = "The flow is over."

TOKEN_UNUSABLE: Final = {
    Refusal.TOKEN_REFUSED: WaitReason.TOKEN_REFUSED,
    Refusal.SCOPE_MISSING: WaitReason.SCOPE_MISSING,
}
"""Refusals after which another token is needed, with the wait reason."""

HELD_FOR: Final = {
    Refusal.RATE_LIMITED: WaitReason.RATE_LIMITED,
    Refusal.AUTHENTICATOR_GONE: WaitReason.AUTHENTICATOR_GONE,
    Refusal.TOO_MANY_SENDS: WaitReason.TOO_MANY_SENDS,
    Refusal.TOO_MANY_CODES: WaitReason.TOO_MANY_CODES,
    Refusal.TOO_LATE: WaitReason.TOO_LATE,
}
"""Wait reason after each refusal. After all others Auth0 counts as unreachable."""

SPENT: Final = {
    Budget.NUMBER: WaitReason.NUMBER_BUDGET,
    Budget.USER: WaitReason.USER_BUDGET,
    Budget.COUNTRY: WaitReason.COUNTRY_BUDGET,
    Budget.CALLER: WaitReason.CALLER_BUDGET,
    Budget.BROWSER: WaitReason.BROWSER_BUDGET,
    Budget.WRONG_CODES: WaitReason.WRONG_CODES,
}
"""Wait reason for each of our own budgets. ``NUMBER_RULE`` is no budget: nothing ends that wait."""

CHECKS: Final = frozenset({Purpose.CHECK, Purpose.CHECK_RECOVERY, Purpose.LIST_AFTER_LOST_CHECK})
"""Purposes of calls about a code."""


class Turn:
    """A decision in progress. ``decide`` creates one per event and discards it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.commands: list[Command] = []
        self.phase_callers: list[str] = []
        self.may_list = True

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
        """Call Auth0. ``submission``: the code the call is about."""
        held = self.state.check_hold if purpose in CHECKS else self.state.send_hold
        again = f" (again after {held.reason})" if held and self.state.refusals else ""
        self.set(call=OpenCall(at=self.state.at, purpose=purpose, credential=credential, submission=submission))
        self.commands.append(Call(request, f"{summary}{again}"))

    def hold(self, refusal: Refusal, retry_after_seconds: float | None) -> Hold:
        """Return the pause after a refusal, which grows with the number of consecutive ones."""
        self.set(refusals=self.state.refusals + 1)
        until = self.state.at + backoff(self.state.refusals, retry_after_seconds)
        return Hold(until=until, reason=HELD_FOR.get(refusal, WaitReason.AUTH0_UNREACHABLE))

    def hold_for_budget(self, answer: Answer) -> Hold:
        """Return the pause until one of our own budgets has something left."""
        budget = answer.budget or Budget.USER
        self.set(spent=budget)
        until = self.state.at + pause(answer.retry_after_seconds, SEND_PAUSE)
        return Hold(until=until, reason=SPENT.get(budget, WaitReason.USER_BUDGET))

    def note_user_budget(self, answer: Answer) -> None:
        """Note what the user has left over all flows, if the answer says so."""
        left = answer.user_budget
        if left is None:
            return
        self.set(user_tries=left.tries)
        if left.sends is not None and left.sends_reset_seconds is not None:
            resets_at = self.state.at + within(left.sends_reset_seconds, LONGEST_PAUSE)
            self.set(user_sends=UserSends(left=left.sends, resets_at=resets_at))

    def reply(self, request: str | None, answer: CodeVerdict | SendReceipt) -> None:
        """Answer a request, if anyone waits for it."""
        if request is not None:
            self.commands.append(Reply(request, answer))

    # Sending

    def receipt(self, withheld: Withheld | None = None, reason: str = "") -> SendReceipt:
        """Return the answer to a request for a message."""
        state = self.state
        return SendReceipt(
            sent=withheld is None,
            withheld=withheld,
            run_id=state.run_id,
            message=state.sends,
            channel=state.channel,
            phone_number=state.shown_number,
            allowed_at=state.resend_allowed_at,
            sends_left=state.shown_sends_left,
            reason=reason,
        )

    def want_message(self, request: str | None = None) -> None:
        """Request a message, or join a pending request for one."""
        if self.state.sends_left:
            callers = self.state.wanted.callers if self.state.wanted else ()
            joined = callers if request is None or request in callers else (*callers, request)
            self.set(wanted=SendRequest(callers=joined))

    def answer_wanted(self, receipt: SendReceipt) -> None:
        """Answer all who wait for a message, which stays pending."""
        for request in self.state.wanted.callers if self.state.wanted else ():
            self.reply(request, receipt)
        self.set(wanted=self.state.wanted and SendRequest())

    def drop_wanted(self, receipt: SendReceipt) -> None:
        """Answer all who wait for a message, and drop the request for it."""
        self.answer_wanted(receipt)
        self.set(wanted=None)

    def close_message(self, verdict: Verdict, reason: str, **more: object) -> CodeVerdict:
        """Stop checking codes for the newest message; each gets this verdict from now on."""
        closing = CodeVerdict(verdict=verdict, tries_left=self.state.shown_tries_left, reason=reason, **more)
        if self.state.message:
            self.set(message=self.state.message.model_copy(update={"closed": closing}))
        return closing

    def drop_credential(self, refused: Credential, refusal: Refusal = Refusal.TOKEN_REFUSED) -> None:
        """Drop a token Auth0 refused, unless a fresh one arrived meanwhile."""
        held = self.state.credential
        if held and same_text(held.token, refused.token):
            self.set(credential=None, token_reason=TOKEN_UNUSABLE[refusal])

    # Checking

    def judge(self, submission: Submission, verdict: CodeVerdict) -> None:
        """Give a code its final verdict. An unchecked recovery code is forgotten, as it may be accepted later."""
        for caller in submission.callers:
            answer = verdict.model_copy(update={"submission_id": caller.submission_id, "run_id": self.state.run_id})
            self.reply(caller.request, answer)
        keep = not submission.is_recovery or verdict.verdict in (Verdict.ACCEPTED, Verdict.WRONG)
        judged = submission.model_copy(update={"verdict": verdict, "callers": ()})
        self.set(
            last_verdict=verdict,
            malformed_code_at=None,
            submissions=kept(judged if each == submission else each for each in self.state.submissions)
            if keep
            else tuple(each for each in self.state.submissions if each != submission),
        )

    def judge_all(self, verdict: CodeVerdict) -> None:
        """Give this verdict to all waiting codes."""
        while waiting := self.state.waiting:
            self.judge(waiting, verdict)

    def keep(self, sealed: str | None, *, too_long: bool = False) -> None:
        """Keep what was sealed to the recipient. ``too_long``: the tokens were too long to be sealed."""
        self.set(sealed=(*self.state.sealed, *([sealed] if sealed else [])), tokens_too_long=too_long)
