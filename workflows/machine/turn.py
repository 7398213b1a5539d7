"""One decision in the making: the state so far and the commands so far. What several parts of a decision share."""

from collections.abc import Iterable

from phone_mfa.contracts import CodeVerdict, Outcome, SendReceipt, Verdict, WaitReason, Withheld, is_access_token
from phone_mfa.contracts.calls import Refusal

from .commands import Call, CallRequest, Command, Reply, Warn
from .state import ANSWERED_KEPT, Credential, Failure, Hold, OpenCall, Purpose, SendRequest, State, Submission, same
from .times import backoff

OVER = "The flow is over."
LEFT_BEHIND = "An unconfirmed entry of a phone may be left at Auth0, as this login cannot remove it."

HELD_FOR = {
    Refusal.RATE_LIMITED: WaitReason.RATE_LIMITED,
    Refusal.AUTHENTICATOR_GONE: WaitReason.AUTHENTICATOR_GONE,
    Refusal.TOO_MANY_SENDS: WaitReason.TOO_MANY_SENDS,
    Refusal.TOO_MANY_CODES: WaitReason.TOO_MANY_CODES,
}
"""Why Auth0 is left alone after these; after all others it counts as unreachable."""


class Turn:
    """Not shared and not kept: ``decide`` makes one and throws it away."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.commands: list[Command] = []
        self.phase_callers: list[str] = []

    def set(self, **changes: object) -> None:
        """Change the state."""
        self.state = self.state.model_copy(update=changes)

    def call(self, purpose: Purpose, credential: Credential, request: CallRequest, summary: str) -> None:
        """Ask Auth0."""
        again = self.state.refusals and f" (again after {self.state.wait_reason})"
        self.set(call=OpenCall(purpose=purpose, credential=credential))
        self.commands.append(Call(request, f"{summary}{again or ''}"))

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

    def hold(self, refusal: Refusal, retry_after_seconds: float | None) -> Hold:
        """Leave Auth0 alone, the longer the more often it refused."""
        self.set(refusals=self.state.refusals + 1)
        until = self.state.at + backoff(self.state.refusals, retry_after_seconds)
        return Hold(until=until, reason=HELD_FOR.get(refusal, WaitReason.AUTH0_UNREACHABLE))

    def drop_credential(self, refused: Credential, reason: WaitReason = WaitReason.TOKEN_REFUSED) -> None:
        """Forget a token Auth0 refused, unless a fresh one came meanwhile."""
        held = self.state.credential
        if held and same(held.token, refused.token):
            self.set(credential=None, token_reason=reason)

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
            submissions=_kept(judged if each is submission else each for each in self.state.submissions)
            if keep
            else tuple(each for each in self.state.submissions if each is not submission),
        )

    def judge_all(self, verdict: CodeVerdict) -> None:
        """Give everything that waits this verdict."""
        while waiting := self.state.waiting:
            self.judge(waiting, verdict)

    def keep(self, sealed: str | None, *, too_long: bool = False) -> None:
        """Keep what is sealed to the recipient. ``too_long``: tokens that should be there could not be sealed."""
        self.set(sealed=(*self.state.sealed, *([sealed] if sealed else [])), tokens_too_long=too_long)

    # Ending

    def remark(self, sentence: str) -> None:
        """Say something that stays true of the result."""
        if sentence not in self.state.remarks:
            self.set(remarks=(*self.state.remarks, sentence))

    def left_behind(self) -> None:
        """Say that something may be left at Auth0."""
        self.set(cleanup=LEFT_BEHIND)
        self.commands.append(Warn("authenticator.left_behind"))

    def finish(self, outcome: Outcome, note: str = "") -> None:
        """Set the outcome and leave nobody waiting. What troubled the flow on the way to a good end is forgotten."""
        self.set(outcome=outcome, note=note or ("" if outcome.reached else self.state.note))
        self._leave()
        self._note_what_is_left()

    def fail(self, type: str, sentence: str) -> None:
        """Somebody must act."""
        self.set(failure=Failure(type=type, sentence=sentence))
        self._leave()

    def _leave(self) -> None:
        late = Verdict.LOCKED_OUT if self.state.outcome is Outcome.LOCKED_OUT else Verdict.EXPIRED
        verdict = Verdict.SUPERSEDED if self.state.accepted else late
        self.judge_all(CodeVerdict(verdict=verdict, reason=OVER))
        self.drop_wanted(self.receipt(Withheld.OVER, OVER))

    def _note_what_is_left(self) -> None:
        """An enrolled number leaves twins when it was associated more than once; another, whenever it was."""
        state = self.state
        confirmed = 1 if state.outcome is Outcome.ENROLLED else 0
        own = [state.new_number] if state.new_number and state.associated > confirmed else []
        abandoned = [number for number in state.abandoned if not same(number, state.new_number)]
        left, credential = (*abandoned, *own), state.usable_credential
        if left and not (credential and is_access_token(credential.token)):
            self.left_behind()
        else:
            self.set(to_remove=left)


def _kept(submissions: Iterable[Submission]) -> tuple[Submission, ...]:
    """All that wait, and the newest of those that were answered."""
    listed = list(submissions)
    answered = [each for each in listed if each.verdict]
    dropped = answered[: max(0, len(answered) - ANSWERED_KEPT)]
    return tuple(each for each in listed if each not in dropped)
