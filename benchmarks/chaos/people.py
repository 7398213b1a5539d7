"""Simulated people, each with a phone and a goal, who keep trying until they reach it or run out of time.

A person knows only the flow's view, the responses they got, and the messages on their phone.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from .callers import Caller, FailedError, NotNowError, OverError, RefusedError, View, WrongAnswerError
from .plan import TOKEN_SECONDS, Habits, Journey, Word, chance_of, not_now
from .tally import Tally
from .tenant import Message, SilentTenantError, Tenant

TABLE: Final = "people"

POLICY: Final = {"sends": 10, "wrong_codes": 10, "resend_after_seconds": [1]}
"""The most generous policy possible, so that no failure is due to a lack of messages."""

LOOK_EVERY: Final = (0.4, 1.2)
"""Seconds between two reads of the view."""
ASK_AGAIN_AFTER: Final = (0.3, 1.5)
"""Seconds until an unanswered request is retried."""
NEWS_SECONDS: Final = 4.0
"""Seconds without a new message on the phone until a person requests a resend."""
_TYPABLE: Final = ("waiting_for_code", "sending_code")

T = TypeVar("T")


class GaveUpError(Exception):
    """The person cannot continue. The message says why."""


class Person:
    """One person and one flow. ``until``: the time, by ``time.monotonic``, at which patience ends."""

    def __init__(self, habits: Habits, caller: Caller, tenant: Tenant, tally: Tally, until: float) -> None:
        self.habits, self.caller = habits, caller
        self.outcome: str | None = None
        self.accepted = False
        self.done = False
        self._tenant, self._tally, self._until = tenant, tally, until
        self._chance = chance_of(habits.seed)
        self._number = habits.number
        self._typed: set[str] = set()  # ids of messages whose code was handed in
        self._news_at = 0.0  # when something new was last seen or asked for

    async def live(self) -> None:
        """Run from the person's arrival to the end of their flow."""
        await asyncio.sleep(self.habits.arrives)
        try:
            await self._start()
            await self._think()
            await self._begin()
            await self._until_over()
        except OverError:
            await self._see_outcome()
        except (GaveUpError, WrongAnswerError, SilentTenantError) as error:
            self._violated("a person could not go on", str(error))
        finally:
            self.done = True
            self._tally.count(TABLE, f"{self.habits.kind}: {self.outcome or 'no outcome seen'}")

    async def _start(self) -> None:
        asked = await self._asked()
        attempts = [str(uuid.UUID(int=self._chance.getrandbits(128))) for _ in range(self._starts)]
        await asyncio.gather(
            *(
                self._patiently(lambda key=key: self.caller.start(asked, key))  # type: ignore[misc]
                for key in attempts
            )
        )

    @property
    def _starts(self) -> int:
        return 2 if self.habits.journey is Journey.DUPLICATE else 1

    async def _asked(self) -> dict[str, Any]:
        """Return the request that starts the flow."""
        habits = self.habits
        asked: dict[str, Any] = {"flow_seconds": habits.flow_seconds, "policy": POLICY}
        if habits.kind == "enroll":
            asked["phone_number"] = habits.number
        if habits.journey is Journey.LATE_LOGIN:
            return asked
        asked["mfa_token"] = token = await self._token()
        if habits.token_ends_after is not None:
            age = timedelta(seconds=TOKEN_SECONDS - habits.token_ends_after)
            asked["mfa_token_issued_at"] = (datetime.now(UTC) - age).isoformat()
        await self._hold_up(token)
        return asked

    async def _hold_up(self, token: str) -> None:
        """Have Auth0 respond "not now" to the first send, as often as planned."""
        times, seconds = self.habits.held
        if not times:
            return
        if self.habits.kind == "enroll":
            place = {"path": "/mfa/associate", "match": {"phone_number": self.habits.number}}
        else:
            place = {"path": "/mfa/challenge", "match": {"mfa_token": token}}
        await self._tenant.order_surely({"method": "POST", "times": times, **place, **not_now(seconds)})

    async def _token(self) -> str:
        return await self._tenant.log_in(self.habits)

    async def _think(self) -> None:
        """Leave the flow alone, except for messages sent meanwhile."""
        began = time.monotonic()
        for at, word in self.habits.words:
            await self._pause(began + at - time.monotonic())
            await self._say(word)
        await self._pause(began + self.habits.thinks - time.monotonic())

    async def _say(self, word: Word) -> None:
        """Send a message once. If there is no response, do not retry."""
        try:
            await self._saying(word)
        except (NotNowError, RefusedError, FailedError):
            self._tally.count(TABLE, f"said {word}: not now")
        else:
            self._tally.count(TABLE, f"said {word}: answered")

    async def _saying(self, word: Word) -> None:
        match word:
            case Word.WRONG_CODE:
                newest = await self._newest()
                await self.caller.submit(self._code(other_than(newest.code if newest else "0"), None))
            case Word.RESEND:
                await self.caller.resend()
            case Word.TOKEN:
                await self.caller.provide(await self._token())
            case Word.RENEW:
                await self.caller.renew(await self._token())

    async def _begin(self) -> None:
        """Run the part specific to the journey, up to the submission of the right code."""
        match self.habits.journey:
            case Journey.WRONG:
                await self._type_wrong()
            case Journey.RESEND:
                await self._first_message()
                await self._resend()
            case Journey.CHANGE:
                await self._change_number()
            case Journey.CANCEL:
                await self._cancel()
            case _:
                pass

    async def _type_wrong(self) -> None:
        message, view = await self._first_message()
        verdict = await self._check(other_than(message.code), view.message or None)
        if verdict == "accepted":
            self._violated("a wrong code was accepted", "")

    async def _change_number(self) -> None:
        await self._first_message()
        self._number = self.habits.other_number
        while not (await self._view()).phone_number.endswith(self._number[-4:]):
            try:
                await self.caller.change_number(self._number)
            except (NotNowError, RefusedError, FailedError) as error:
                await self._pause(getattr(error, "seconds", None) or self._chance.uniform(*ASK_AGAIN_AFTER))

    async def _cancel(self) -> None:
        if self._chance.random() < 0.5:
            await self._first_message()
        await self._patiently(self.caller.cancel)

    async def _first_message(self) -> tuple[Message, View]:
        """Wait for a message on the phone, providing a token if the flow requests one."""
        self._news_at = time.monotonic()
        while True:
            view = await self._tended()
            newest = await self._newest()
            if newest:
                return newest, view
            await self._ask_when_nothing_comes(view)
            await self._pause(self._chance.uniform(*LOOK_EVERY))

    async def _until_over(self) -> None:
        """Submit each received code until the flow has ended."""
        passive = self.habits.journey in (Journey.CANCEL, Journey.ABANDON)
        self._news_at = time.monotonic()
        while True:
            view = await self._view() if passive else await self._tended()
            if not passive and view.phase in _TYPABLE:
                await self._type_newest(view)
            await self._pause(self._chance.uniform(*LOOK_EVERY))

    async def _type_newest(self, view: View) -> None:
        newest = await self._newest()
        if newest and newest.id not in self._typed:
            self._typed.add(newest.id)
            await self._hand_in(newest, view)
            self._news_at = time.monotonic()
        else:
            await self._ask_when_nothing_comes(view)

    async def _ask_when_nothing_comes(self, view: View) -> None:
        if view.phase == "waiting_for_code" and time.monotonic() - self._news_at > NEWS_SECONDS:
            await self._resend()
            self._news_at = time.monotonic()

    async def _hand_in(self, message: Message, view: View) -> None:
        number = view.message if self.habits.names_message and view.message else None
        if self.habits.journey is Journey.SIGNAL:
            code = self._code(message.code, number)
            await self._patiently(lambda: self.caller.submit(code))
            return
        verdict = await self._check(message.code, number)
        self._tally.count("verdicts on codes off the phone", verdict)
        self.accepted = self.accepted or verdict == "accepted"

    async def _check(self, text: str, number: int | None) -> str:
        code = self._code(text, number)  # one submission, however often it is retried
        return await self._patiently(lambda: self.caller.check(code))

    def _code(self, text: str, number: int | None) -> dict[str, Any]:
        code = {"code": text, "submission_id": str(uuid.UUID(int=self._chance.getrandbits(128)))}
        return code if number is None else {**code, "message": number}

    async def _resend(self) -> None:
        """Request a message once. A missing response is ignored, since the message may still arrive."""
        try:
            await self.caller.resend()
        except (NotNowError, RefusedError, FailedError) as error:
            self._tally.count(TABLE, f"resend: {error}"[:60])

    async def _tended(self) -> View:
        """Return the view, once the flow has the token it waits for."""
        view = await self._view()
        if view.phase == "waiting_for_token":
            token = await self._token()
            await self._patiently(lambda: self.caller.renew(token))
            self._news_at = time.monotonic()
            self._tally.count(TABLE, "tokens renewed as the flow waited for one")
        return view

    async def _view(self) -> View:
        """Return the view. Raises ``OverError`` if there is an outcome."""
        view = await self._patiently(self.caller.view)
        if view.outcome:
            self.outcome = view.outcome
            raise OverError(view.outcome)
        return view

    async def _see_outcome(self) -> None:
        try:
            self.outcome = self.outcome or (await self._patiently(self.caller.view)).outcome
        except (GaveUpError, WrongAnswerError, OverError) as error:
            self._violated("the end of a flow was not shown", str(error))
        if self.outcome:
            self._tally.told[self.caller.flow_id][self.outcome] += 1

    async def _newest(self) -> Message | None:
        messages = await self._tenant.messages(self._number)
        return messages[-1] if messages else None

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Retry until there is a response. Each request is identical, so that retries are idempotent."""
        while True:
            try:
                return await ask()
            except (NotNowError, RefusedError) as error:
                wait = error.seconds
            except FailedError:  # no flow may fail: retry, and report it at the end
                wait = None
                self._tally.told[self.caller.flow_id]["failed"] += 1
            await self._pause(min(wait or 0, 5.0) + self._chance.uniform(*ASK_AGAIN_AFTER))

    async def _pause(self, seconds: float) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise GaveUpError("the time was over")
        await asyncio.sleep(max(0.0, min(seconds, left)))

    def _violated(self, what: str, detail: str) -> None:
        self._tally.violated(what, detail, self.caller.flow_id, self.habits.label)


def other_than(code: str) -> str:
    """Return a wrong six-digit code."""
    return f"{(int(code) + 1) % 10**6:06}"
