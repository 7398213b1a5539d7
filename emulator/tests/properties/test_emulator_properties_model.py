"""Any sequence of valid and invalid calls agrees with a small model of one person's logins."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from emulator.tests.properties.hostile_client import Hostile
from emulator.tests.properties.nonsense import examples
from emulator.tests.visitor import CREDENTIALS, OOB, PASSWORD, bearer, other_than

SENDS, WRONG_CODES = 6, 3
SCOPES = "enroll read:authenticators remove:authenticators"
PICK = st.integers(0, 9)
_serial = itertools.count()


@dataclass
class Token:
    """An mfa_token, or an access token for the MFA API."""

    text: str
    opaque: bool
    for_mfa: bool = False
    spent: bool = False


@dataclass
class Phone:
    """Model of one phone; the device id is known after the first list."""

    number: str
    active: bool = False


@dataclass
class Code:
    """One message."""

    token: Token
    phone: Phone
    oob_code: str
    digits: str
    spent: bool = False


class Logins(RuleBasedStateMachine):
    """One person in a tenant with a frozen clock, so that budgets never refill."""

    hostile: ClassVar[Hostile]

    @initialize(single_use=st.booleans())
    def arrive(self, single_use: bool) -> None:
        self.single_use = single_use
        self.hostile.changed("PATCH", "tenant", {"mfa_token_single_use": single_use})
        self.serial, self.tokens, self.codes, self.phones = next(_serial), list[Token](), list[Code](), list[Phone]()
        self.sends = self.wrong = self.recovery_codes = self.associated = 0
        self.email = f"person{self.serial}@example.com"
        self.hostile.changed("POST", "users", {"email": self.email, "password": PASSWORD})
        self.login(for_mfa=False)

    @property
    def enrolled(self) -> bool:
        return any(phone.active for phone in self.phones)

    @property
    def locked_out(self) -> bool:
        return self.wrong >= WRONG_CODES

    @rule(for_mfa=st.booleans())
    def login(self, for_mfa: bool) -> None:
        asked = CREDENTIALS | {"grant_type": "password", "username": self.email, "password": PASSWORD}
        answer = self.post("/oauth/token", asked | (self.mfa_api() if for_mfa else {}))
        if for_mfa and not self.enrolled:
            assert answer.status_code == 200, answer.text
            self.tokens.append(Token(answer.json()["access_token"], opaque=False))
        else:
            assert (answer.status_code, answer.json()["error"]) == (403, "mfa_required")
            self.tokens.append(Token(answer.json()["mfa_token"], opaque=True, for_mfa=for_mfa))

    @rule(pick=PICK, channel=st.sampled_from(["sms", "voice", "fax"]))
    def associate(self, pick: int, channel: str) -> None:
        token = self.tokens[pick % len(self.tokens)]
        number = f"+1555{self.serial:03}{self.associated:04}"
        asked = {"authenticator_types": ["oob"], "oob_channels": [channel], "phone_number": number}
        answer = self.post("/mfa/associate", asked, token.text)
        free = not token.opaque or not (token.spent or self.enrolled)
        allowed = channel != "fax" and free and self.sends < SENDS
        assert (answer.status_code == 200) == allowed, answer.text
        if allowed:
            self.associated += 1
            self.recovery_codes += len(answer.json().get("recovery_codes", []))
            self.phones.append(Phone(number))
            self.sent(token, self.phones[-1], answer.json()["oob_code"])

    @rule(pick=PICK)
    def challenge(self, pick: int) -> None:
        token = self.tokens[pick % len(self.tokens)]
        answer = self.post("/mfa/challenge", CREDENTIALS | {"mfa_token": token.text})
        allowed = token.opaque and not token.spent and self.enrolled and not self.locked_out and self.sends < SENDS
        assert (answer.status_code == 200) == allowed, answer.text
        if allowed:
            oldest = next(phone for phone in self.phones if phone.active)
            self.sent(token, oldest, answer.json()["oob_code"])

    @rule(pick=PICK, right=st.booleans(), other=st.none() | PICK)
    def verify(self, pick: int, right: bool, other: int | None) -> None:
        if not self.codes:
            return
        code = self.codes[-1 - pick % len(self.codes)]
        token = code.token if other is None else self.tokens[other % len(self.tokens)]
        digits = code.digits if right else other_than(code.digits)
        asked = {"grant_type": OOB, "mfa_token": token.text, "oob_code": code.oob_code, "binding_code": digits}
        answer = self.post("/oauth/token", CREDENTIALS | asked)
        late = token.opaque and self.enrolled and not code.phone.active
        known = token is code.token and not token.spent and code.phone in self.phones
        tried = known and not self.locked_out
        fits = tried and right and not code.spent
        passed = fits and not late
        assert (answer.status_code == 200) == passed, answer.text
        self.wrong += tried and not fits
        if passed:
            code.spent = code.phone.active = True
            token.spent = token.opaque and self.single_use
            if token.for_mfa or not token.opaque:
                self.tokens.append(Token(answer.json()["access_token"], opaque=False))

    @rule(pick=PICK, phone=PICK)
    def remove(self, pick: int, phone: int) -> None:
        token = self.tokens[pick % len(self.tokens)]
        listed = [one for one in self.listed(token) if one["authenticator_type"] == "oob"]
        if not listed:
            return
        gone = phone % len(self.phones)
        answer = self.hostile.http.delete(f"/mfa/authenticators/{listed[2 * gone]['id']}", headers=bearer(token.text))
        assert answer.status_code == (401 if token.opaque else 204), answer.text
        if not token.opaque:
            del self.phones[gone]

    @invariant()
    def the_list_is_the_models(self) -> None:
        if not self.tokens:
            return
        listed = self.listed(self.tokens[0])
        shown = [(one["name"], one["active"]) for one in listed if one["authenticator_type"] == "oob"]
        twins = [(f"XXXXXXXX{phone.number[-4:]}", phone.active) for phone in self.phones for _ in ("sms", "voice")]
        assert shown == twins
        assert self.recovery_codes == min(1, self.associated)
        assert sum(one["authenticator_type"] == "recovery-code" for one in listed) == self.recovery_codes

    @invariant()
    def sends_never_exceed_the_budget(self) -> None:
        assert self.sends <= SENDS

    def sent(self, token: Token, phone: Phone, oob_code: str) -> None:
        self.sends += 1
        messages = self.hostile.http.get("/_control/messages", params={"to": phone.number}).json()
        self.codes.append(Code(token, phone, oob_code, messages[-1]["code"]))

    def listed(self, token: Token) -> list[dict[str, object]]:
        answer = self.hostile.http.get("/mfa/authenticators", headers=bearer(token.text))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, object]] = answer.json()
        return found

    def mfa_api(self) -> dict[str, str]:
        return {"audience": f"{self.hostile.address}/mfa/", "scope": SCOPES}

    def post(self, path: str, body: Mapping[str, object], token: str = "") -> httpx.Response:
        answer = self.hostile.http.post(path, json=body, headers=bearer(token) if token else {})
        assert answer.status_code < 500, answer.text
        return answer


@pytest.fixture
def still(hostile: Hostile) -> Hostile:
    many = {"burst": 1000, "per_seconds": 3600}
    budgets = {"sends": many | {"burst": SENDS}, "wrong_codes": many | {"burst": WRONG_CODES}}
    hostile.changed("PATCH", "tenant", budgets | {"logins": many, "exchanges": many})
    hostile.changed("POST", "clock", {"frozen": True})
    return hostile


def test_any_order_of_calls_agrees_with_the_model(still: Hostile) -> None:
    Logins.hostile = still
    run_state_machine_as_test(Logins, settings=examples(25))
