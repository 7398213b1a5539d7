"""Budgets over all flows: messages per number, user, country, caller and browser, and wrong codes per user.

Stand in front of the calls to Auth0, so that they hold however a flow was started. Count by keyed hashes: neither
numbers nor users are stored. Independent of Auth0's own budgets, which are per user.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerSecond, parse_many
from pydantic import SecretStr

from phone_mfa.contracts import Budget, Origin
from phone_mfa.contracts.calls import Refusal, UserBudget
from phone_mfa.encryption import KeyringSource, opaque
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.number_rule import EVERY_NUMBER, NumberRule
from phone_mfa.phone_numbers import ParsedNumber
from phone_mfa.settings import NO_RATE, BudgetSettings

from .budget_store import BudgetStore

WRONG_CODES: Final = RateLimitItemPerDay(100, 30)
"""Wrong codes of a user in a row: at most 100 (NIST SP 800-63B, "Rate Limiting"), counted again after 30 days."""

WITHOUT_PAUSE: Final = 5
"""Wrong codes in a row before pauses begin: as many as a flow allows by default."""

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Pauses between wrong codes double from 30 seconds to an hour (the example in NIST SP 800-63B, "Rate Limiting")."""

_SHARED: Final = RateLimitItemPerDay(1, 30)
"""How long it is remembered that a number belongs to a user."""


def rates(text: str) -> tuple[RateLimitItem, ...]:
    """Parse rates such as ``10/hour;20/day``; none if the text is ``none``. Raises ``ValueError``."""
    return () if text == NO_RATE else tuple(parse_many(text))


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent. ``number``: the recipient; None for a challenge, whose number only Auth0 knows.

    ``authenticator_id``: what is challenged. ``flow_id``: stands for the user if ``origin`` names none.
    """

    origin: Origin
    flow_id: str
    number: ParsedNumber | None = None
    authenticator_id: str | None = None

    @property
    def recipient(self) -> SecretStr | None:
        """What receives the message: the number that is reached, or the phone as Auth0 knows it, on either channel."""
        if self.number:
            return self.number.reaches
        return phone_of(self.authenticator_id) if self.authenticator_id else None


@dataclass(frozen=True, slots=True)
class Check:
    """A code to be checked. ``sent_to``: as ``Message.recipient``; None for a recovery code."""

    origin: Origin
    flow_id: str
    sent_to: SecretStr | None = None


class Spent(NamedTuple):
    """A budget is used up, or the rule for numbers refuses one. ``seconds``: until the budget has something left.

    ``enforced``: whether the call must not be made; False if budgets are only reported.
    """

    budget: Budget
    seconds: float | None
    enforced: bool


@dataclass(frozen=True)
class Budgets:
    """The budgets of all flows.

    ``rates``: of messages; a budget without one is not limited. ``rule``: which numbers get messages.
    ``keys``: for the names of counters; the same for all workers that share a store. By default a ring of its own.
    ``enforced``: whether a spent budget stops messages and checks, or is only reported.
    """

    store: BudgetStore = field(default_factory=BudgetStore)
    keys: KeyringSource = field(default_factory=lambda: FixedRing(new_ring()), repr=False)
    rates: Mapping[Budget, Sequence[RateLimitItem]] = field(default_factory=dict)
    rule: NumberRule = EVERY_NUMBER
    enforced: bool = True

    async def take(self, message: Message) -> Spent | None:
        """Count a message, unless a budget is spent or the rule refuses the number: returns that.

        If budgets are only reported, counts in any case.
        """
        allowed = message.number is None or self.rule.allows(message.number)
        spent = await self._spent(message) if allowed else Spent(Budget.NUMBER_RULE, None, self.enforced)
        if spent is None or not self.enforced:
            overtaken = await self._count(message)
            spent = spent or overtaken
            if overtaken and self.enforced:
                await self.give_back(message)
        return spent

    async def give_back(self, message: Message) -> None:
        """Take back the count of a message that was certainly not sent."""
        for _, rate, name in self._counters(message):
            await self.store.take_back(rate, name)

    async def left(self, message: Message) -> UserBudget:
        """Return what the user has left after a message; nothing is known if budgets are only reported."""
        if not self.enforced:
            return UserBudget()
        windows = [
            await self.store.window(rate, name)
            for budget, rate, name in self._counters(message)
            if budget in (Budget.NUMBER, Budget.USER)
        ]
        least = min(windows, key=lambda window: (window.left, -window.seconds), default=None)
        codes = await self.tries_left(Check(message.origin, message.flow_id, message.recipient))
        return codes.model_copy(update={"sends": least and least.left, "sends_reset_seconds": least and least.seconds})

    async def is_shared(self, message: Message) -> bool:
        """Note that the number is the user's. Returns whether it is another user's too, once for each such user."""
        if message.number is None:
            return False
        number, user = self._hashed(message.recipient), _user_of(message.origin, message.flow_id)
        if not await self.store.add(_SHARED, f"user of number:{number}:{user}"):
            return False
        return not await self.store.add(_SHARED, f"users of number:{number}")

    # Wrong codes

    async def begin_check(self, check: Check) -> Spent | None:
        """Count a code as wrong until Auth0 has answered, unless wrong codes have caused a pause: returns that.

        So of two codes that come at the same time, only one is checked during a pause.
        """
        counters = self._counters_of_codes(check)
        pauses = [pause for name in counters if (pause := await self._pause(name))]
        spent = max(pauses, key=lambda each: each.seconds or 0, default=None)
        if spent is None or not self.enforced:
            for name in counters:
                await self._count_code(name)
        return spent

    async def end_check(self, check: Check, refusal: Refusal | None) -> None:
        """Start from zero after a right code; take the count back after an answer that is no verdict."""
        for name in self._counters_of_codes(check):
            if refusal is None:
                await self.store.clear(WRONG_CODES, name)
            elif refusal is not Refusal.CODE_WRONG:
                await self._take_code_back(name)

    async def tries_left(self, check: Check) -> UserBudget:
        """Return how many more wrong codes in a row the user may enter, and nothing of messages."""
        if not self.enforced:
            return UserBudget()
        windows = [await self.store.window(WRONG_CODES, name) for name in self._counters_of_codes(check)]
        return UserBudget(tries=min(window.left for window in windows))

    async def _pause(self, name: str) -> Spent | None:
        left, seconds = await self.store.window(WRONG_CODES, name)
        if left and (rate := _pause_after(WRONG_CODES.amount - left)):
            left, seconds = await self.store.window(rate, f"pause:{name}")
        return None if left else Spent(Budget.WRONG_CODES, seconds, self.enforced)

    async def _count_code(self, name: str) -> None:
        await self.store.add(WRONG_CODES, name)
        left, _ = await self.store.window(WRONG_CODES, name)
        if rate := _pause_after(WRONG_CODES.amount - left):
            await self.store.add(rate, f"pause:{name}")

    async def _take_code_back(self, name: str) -> None:
        left, _ = await self.store.window(WRONG_CODES, name)
        if rate := _pause_after(WRONG_CODES.amount - left):
            await self.store.clear(rate, f"pause:{name}")
        await self.store.take_back(WRONG_CODES, name)

    async def _spent(self, message: Message) -> Spent | None:
        """Return the spent budget that refills last."""
        spent = [
            Spent(budget, window.seconds, self.enforced)
            for budget, rate, name in self._counters(message)
            if (window := await self.store.window(rate, name)).left < 1
        ]
        return max(spent, key=lambda each: each.seconds or 0, default=None)

    async def _count(self, message: Message) -> Spent | None:
        """Count a message. Returns a budget that another worker used up at the same time."""
        overtaken = None
        for budget, rate, name in self._counters(message):
            if not await self.store.add(rate, name):
                overtaken = Spent(budget, (await self.store.window(rate, name)).seconds, self.enforced)
        return overtaken

    def _counters(self, message: Message) -> list[tuple[Budget, RateLimitItem, str]]:
        names = {
            Budget.NUMBER: self._hashed(message.recipient),
            Budget.USER: _user_of(message.origin, message.flow_id),
            Budget.COUNTRY: message.number and message.number.country,
            Budget.CALLER: message.origin.caller,
            Budget.BROWSER: message.origin.browser,
        }
        return [
            (budget, rate, f"{budget}:{name}")
            for budget, name in names.items()
            if name
            for rate in self.rates.get(budget, ())
        ]

    def _hashed(self, recipient: SecretStr | None) -> str | None:
        if recipient is None:
            return None
        return opaque(self.keys.ring().naming_key, "recipient", recipient.get_secret_value())

    def _counters_of_codes(self, check: Check) -> list[str]:
        """Return the names of both counters: of the user, whoever received the code, and of the recipient.

        A right code of another phone does not start that of the recipient from zero.
        """
        names = (_user_of(check.origin, check.flow_id), self._hashed(check.sent_to))
        return [f"{Budget.WRONG_CODES}:{name}" for name in names if name]


def phone_of(authenticator_id: str) -> SecretStr:
    """Return the phone of an authenticator: ``sms|dev_x`` and ``voice|dev_x`` are one."""
    return SecretStr(authenticator_id.rpartition("|")[2])


def budgets_of(settings: BudgetSettings, keys: KeyringSource) -> Budgets:
    """Return the budgets that the settings describe."""
    return Budgets(
        store=BudgetStore(settings.limits.get_secret_value()),
        keys=keys,
        rates={
            Budget.NUMBER: rates(settings.messages_per_number),
            Budget.USER: rates(settings.messages_per_user),
            Budget.COUNTRY: rates(settings.messages_per_country),
            Budget.CALLER: rates(settings.messages_per_caller),
            Budget.BROWSER: rates(settings.messages_per_browser),
        },
        rule=settings.rule,
        enforced=settings.enforced,
    )


def _user_of(origin: Origin, flow_id: str) -> str:
    return origin.user or flow_id


def _pause_after(wrong_codes: int) -> RateLimitItem | None:
    """Return the pause after so many wrong codes in a row, as a rate of one in that time; None if there is none."""
    if wrong_codes < WITHOUT_PAUSE:
        return None
    doubled = min(wrong_codes - WITHOUT_PAUSE, 10)
    seconds = min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE).total_seconds()
    return RateLimitItemPerSecond(1, int(seconds))
