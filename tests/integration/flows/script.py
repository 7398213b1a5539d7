"""Auth0 as a test wants it: activities under the real names, which answer as told and keep what they heard."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import SecretStr
from temporalio import activity

from activities.token_delivery import answer_to_accepted_code, recipient_of
from phone_mfa.contracts import Channel, TokenSet, masked, reveal
from phone_mfa.contracts.activity_interface import ActivityInterface
from phone_mfa.contracts.calls import (
    Answer,
    Associate,
    Challenge,
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    Phone,
    PhonesAnswer,
    Refusal,
    RemovalAnswer,
    RemovePending,
    SendAnswer,
    TokenUse,
)

RIGHT_CODE = "314159"
RIGHT_RECOVERY_CODE = "ABCDEFGHJKLMNPQRSTUVWX23"
NEW_RECOVERY_CODE = "ZYXWVUTSRQPNMLKJHGFEDC23"
FIRST_RECOVERY_CODE = "FRSTFRSTFRSTFRSTFRST2345"
TOKENS = TokenSet(access_token=SecretStr("an-access-token"), expires_in=600, scope="openid enroll")

WRONG = CheckAnswer(refusal=Refusal.CODE_WRONG)

A = TypeVar("A", bound=Answer)
Request = Associate | Challenge | CheckCode | CheckRecoveryCode | ListPhones | RemovePending

ANSWERS: dict[type[Request], type[Answer]] = {
    Associate: SendAnswer,
    Challenge: SendAnswer,
    CheckCode: CheckAnswer,
    CheckRecoveryCode: CheckAnswer,
    ListPhones: PhonesAnswer,
    RemovePending: RemovalAnswer,
}


class Hold:
    """Keeps one call from being answered until released."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    def release(self) -> None:
        self.released.set()


class ScriptedAuth0(ActivityInterface):
    """Sends whatever it is asked to, and knows one right code, unless a test said what to answer next."""

    def __init__(self) -> None:
        self.heard: list[Request] = []
        self.phones_listed: tuple[Phone, ...] = ()
        self.tokens = TOKENS
        self._next: defaultdict[type[Request], deque[Answer | Exception]] = defaultdict(deque)
        self._holds: dict[type[Request], Hold] = {}

    def then(self, request: type[Request], *answers: Answer | Exception) -> None:
        """Answer the next calls of this kind so."""
        self._next[request].extend(answers)

    def refuse(self, request: type[Request], refusal: Refusal, seconds: float | None = None) -> None:
        """Refuse the next call of this kind."""
        self.then(request, ANSWERS[request](refusal=refusal, retry_after_seconds=seconds))

    def hold(self, request: type[Request]) -> Hold:
        """Keep the next call of this kind waiting."""
        self._holds[request] = Hold()
        return self._holds[request]

    def list_phone(self, number: str, *, active: bool, channels: Sequence[Channel] = (Channel.SMS,)) -> None:
        """List this phone from now on, instead of others."""
        self.phones_listed = tuple(
            Phone(authenticator_id=f"{channel}|dev_{number[-4:]}", channel=channel, name=masked(number), active=active)
            for channel in channels
        )

    def calls(self, kind: type[Request]) -> int:
        return sum(isinstance(request, kind) for request in self.heard)

    def last(self, kind: type[Request]) -> Request:
        return [request for request in self.heard if isinstance(request, kind)][-1]

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[object]]]:
        """The activities, for a worker."""
        return [
            self.associate,
            self.challenge,
            self.check_binding_code,
            self.check_recovery_code,
            self.phones,
            self.remove_pending,
        ]

    async def _told(self, request: Request, otherwise: A) -> A:
        self.heard.append(request)
        hold = self._holds.pop(type(request), None)
        if hold:
            hold.reached.set()
            await hold.released.wait()
        answers = self._next[type(request)]
        answer = answers.popleft() if answers else otherwise
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, type(otherwise))
        return answer

    @activity.defn(name="associate_phone")
    async def associate(self, request: Associate) -> SendAnswer:
        first = self.calls(Associate) == 0
        recovery_code = SecretStr(FIRST_RECOVERY_CODE) if first else None
        oob_code, recipient = SecretStr(f"oob-{len(self.heard)}"), recipient_of(request.recipient)
        if recipient and recovery_code:
            sealed = recipient.seal(recovery_code=recovery_code)
            return await self._told(request, SendAnswer(oob_code=oob_code, sealed=sealed))
        return await self._told(request, SendAnswer(oob_code=oob_code, recovery_code=recovery_code))

    @activity.defn(name="challenge_phone")
    async def challenge(self, request: Challenge) -> SendAnswer:
        return await self._told(request, SendAnswer(oob_code=SecretStr(f"oob-{len(self.heard)}")))

    @activity.defn(name="check_code")
    async def check_binding_code(self, request: CheckCode) -> CheckAnswer:
        accepted = answer_to_accepted_code(self.tokens, None, request.use, recipient_of(request.recipient))
        return await self._told(request, accepted if reveal(request.code) == RIGHT_CODE else WRONG)

    @activity.defn(name="check_recovery_code")
    async def check_recovery_code(self, request: CheckRecoveryCode) -> CheckAnswer:
        right = reveal(request.recovery_code) == RIGHT_RECOVERY_CODE
        recipient = recipient_of(request.recipient)
        accepted = answer_to_accepted_code(self.tokens, SecretStr(NEW_RECOVERY_CODE), TokenUse.KEPT, recipient)
        return await self._told(request, accepted if right else WRONG)

    @activity.defn(name="list_phones")
    async def phones(self, request: ListPhones) -> PhonesAnswer:
        return await self._told(request, PhonesAnswer(phones=self.phones_listed))

    @activity.defn(name="remove_pending_phone")
    async def remove_pending(self, request: RemovePending) -> RemovalAnswer:
        return await self._told(request, RemovalAnswer(removed=1))
