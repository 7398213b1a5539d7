"""One row of the table: a fact of the reference, how to observe it on the wire, and the expected response."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx

from emulator.tests.facts.facts_stage import Stage
from emulator.tests.facts.facts_template import canonical, compiled

Grade = Literal["R", "C", "D", "L", "S", "T", "I", "U"]
"""Recorded, captured, documented, from a library, an SDK or a third party, inferred, unconfirmed."""
_TO_THE_BYTE = ("R", "I")
"""Other grades check every member, in any order."""

PLAIN = "application/json"
UTF8 = "application/json; charset=utf-8"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
UNLIMITED = {"x-ratelimit-limit": None, "x-ratelimit-remaining": None, "retry-after": None}


@dataclass(frozen=True)
class Answer:
    """A status, a template of the whole body, a content type, and headers; a header with None must be absent."""

    status: int
    body: str
    content_type: str | None
    headers: Mapping[str, str | None] = field(default_factory=dict)

    def check(self, answer: httpx.Response, *, to_the_byte: bool) -> None:
        seen = {name: answer.headers.get(name) for name in ("content-type", *self.headers)}
        assert (answer.status_code, seen) == (
            self.status,
            {"content-type": self.content_type, **self.headers},
        ), answer.text
        body, template = answer.content, self.body
        if not to_the_byte:
            body, template = canonical(answer.text).encode(), canonical(template)
        pattern = compiled(template, answer.request.url.netloc.decode())
        assert pattern.fullmatch(body), f"the body is\n{body.decode()}\nand not\n{template}"


Scene = Callable[[Stage], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Fact:
    """`has` lists the person's authenticators, `switches` the tenant settings; `login` None means no prior login."""

    section: str
    grade: Grade
    sentence: str
    scene: Scene
    answer: Answer
    has: Sequence[Mapping[str, object]] = ()
    switches: Mapping[str, object] = field(default_factory=dict)
    login: Mapping[str, str] | None = field(default_factory=dict)
    verified: bool = False
    worded: str | None = None
    """Name of the unsettled error that the row covers."""

    def __str__(self) -> str:
        return f"{self.section}-{self.grade}-{self.sentence}"

    @property
    def to_the_byte(self) -> bool:
        return self.grade in _TO_THE_BYTE


def mfa(body: str) -> Answer:
    """A success of `/mfa/*`."""
    return Answer(200, body, UTF8)


def tokens(body: str) -> Answer:
    """A success of `/oauth/token`."""
    return Answer(200, body, PLAIN, NO_STORE)


def granted(scope: str = "read:reports", *, seconds: int = 86_400, before: str = "", after: str = "") -> Answer:
    """The token answer, members in the order of raw captures; the recordings' own order is their recorder's."""
    told = f'"scope":"{scope}","expires_in":{seconds},"token_type":"Bearer"'
    return tokens(f'{{"access_token":"<JWT>",{before}{told}{after}}}')


def refusal(status: int, error: str, description: str, **headers: str | None) -> Answer:
    """A refusal of the Authentication API, member order and content type as recorded."""
    body = f'{{"error":"{error}","error_description":"{description}"}}'
    return Answer(status, body, PLAIN, {name.replace("_", "-"): value for name, value in headers.items()})


def unsettled(
    name: str,
    section: str,
    sentence: str,
    scene: Scene,
    suggested: Answer,
    *,
    has: Sequence[Mapping[str, object]] = (),
    switches: Mapping[str, object] | None = None,
    login: Mapping[str, str] | None = None,
    logged_in: bool = True,
    verified: bool = False,
    grade: Grade = "U",
) -> tuple[Fact, Fact]:
    """Two rows for an unsettled error: with its default, and as its setting overrides it."""
    login = (login or {}) if logged_in else None
    switches = switches or {}
    other = {"refusals": {name: {"status": 422, "error": "switched", "description": "Said by a switch."}}}
    switched = refusal(422, "switched", "Said by a switch.")
    return (
        Fact(section, grade, sentence, scene, suggested, has, switches, login, verified, name),
        Fact(
            section, "U", f"{sentence}, or as {name} says", scene, switched, has, {**switches, **other}, login, verified
        ),
    )


BAD_BEARER = refusal(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
MALFORMED = refusal(403, "invalid_grant", "Malformed mfa_token")
WRONG_CODE = refusal(403, "invalid_grant", "Invalid binding_code.")
WRONG_OTP = refusal(403, "invalid_grant", "Invalid otp_code.")
PENDING = refusal(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
MFA_REQUIRED = Answer(
    403,
    '{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"<SEAL 1986>"}',
    PLAIN,
)
TOO_MANY_SMS = refusal(400, "invalid_request", "Too many SMS sent by the user. Wait for some minutes before retrying.")
TOO_MANY_CODES = refusal(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
PHONE_ASSOCIATED = '{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"sms","oob_code":"<SEAL 578>"}'
CHALLENGED = '{"challenge_type":"oob","oob_code":"<SEAL 620>","binding_method":"prompt"}'
