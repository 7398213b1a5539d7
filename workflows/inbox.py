"""Codes on their way to a verdict. Signal and update both drop into it, so behaviour exists once.

Knows which code was asked about before. Refuses to know what Auth0 would say.
"""

from collections import deque
from dataclasses import dataclass

from temporalio import workflow

from .message import Credential

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import CodeVerdict, Verdict


@dataclass(eq=False)
class Submission:
    """One code. ``message`` counts from 1; a recovery code answers no message.

    ``credential``: what it was last checked with. ``lost``: how many answers to it were. ``unsettled``: whether it was
    right has still to be looked up.
    """

    text: str
    message: int | None
    credential: Credential | None = None
    lost: int = 0
    unsettled: bool = False
    verdict: CodeVerdict | None = None

    @property
    def is_recovery(self) -> bool:
        """Whether this stands in for the phone."""
        return self.message is None


class Inbox:
    """Every submission of a flow: those that wait, in order, and those that were answered."""

    def __init__(self) -> None:
        self.waiting: deque[Submission] = deque()
        self._by_id: dict[str, Submission] = {}
        self._by_text: dict[tuple[int | None, str], Submission] = {}

    def receive(self, text: str, *, message: int | None, submission_id: str | None) -> Submission:
        """Take a code in. One that was taken in before, by id or by text, is the same submission."""
        known = self._by_id.get(submission_id) if submission_id else None
        submission = known or self._by_text.get((message, text))
        if submission is None:
            submission = self._by_text[message, text] = Submission(text, message)
            self.waiting.append(submission)
        if submission_id:
            self._by_id[submission_id] = submission
        return submission

    def answer(self, submission: Submission, verdict: CodeVerdict) -> None:
        """Give the verdict; it stays."""
        submission.verdict = verdict
        self.waiting.remove(submission)
        if submission.is_recovery and verdict.verdict not in (Verdict.ACCEPTED, Verdict.WRONG):
            del self._by_text[None, submission.text]  # unlike a code for a message, it may be right later

    def close(self, verdict: CodeVerdict) -> None:
        """Answer everything that still waits; nothing will be checked any more."""
        for submission in tuple(self.waiting):
            self.answer(submission, verdict)

    @property
    def accepted(self) -> bool:
        """Whether some code was right."""
        return any(s.verdict and s.verdict.verdict is Verdict.ACCEPTED for s in self._by_text.values())
