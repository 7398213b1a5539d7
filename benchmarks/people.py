"""Users of the emulator, and logins of some of them that are waiting for MFA."""

import json
from dataclasses import dataclass

from .load import Answer, Pool, request

_PASSWORD = "correct horse"  # noqa: S105  # of pretend users
_CREDENTIALS = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
_OOB = "http://auth0.com/oauth/grant-type/mfa-oob"


class WrongAnswerError(Exception):
    """The emulator did not answer as it should."""


@dataclass(frozen=True)
class Person:
    """A user by number, from 0."""

    serial: int

    @property
    def email(self) -> str:
        """An address nobody else has."""
        return f"person{self.serial}@example.com"

    @property
    def phone_number(self) -> str:
        """A number nobody else has."""
        return f"+1555{self.serial:07}"

    @property
    def user(self) -> dict[str, str]:
        """What makes the user, without a phone."""
        return {"email": self.email, "password": _PASSWORD}

    @property
    def seeded(self) -> dict[str, object]:
        """What makes the user, with a confirmed phone, in the form of the emulator's `--seed`."""
        phone = {"type": "phone", "phone_number": self.phone_number, "confirmed": True}
        return {**self.user, "authenticators": [phone]}

    @property
    def login(self) -> bytes:
        """The request that is answered with an mfa_token."""
        asked = {"grant_type": "password", "username": self.email, "password": _PASSWORD}
        return request("POST", "/oauth/token", _CREDENTIALS | asked)


def spread(users: int, sample: int) -> list[Person]:
    """So many people out of all, evenly apart."""
    count = min(users, sample)
    return [Person(index * users // count) for index in range(count)]


async def create(pool: Pool, users: int) -> None:
    """Make all users, without phones."""
    wires = [request("POST", "/_control/users", Person(serial).user) for serial in range(users)]
    for answer in await pool.ask_all(wires):
        _object(answer, 200)


async def log_in(pool: Pool, people: list[Person]) -> list[str]:
    """An mfa_token for each."""
    answers = await pool.ask_all([person.login for person in people])
    return [str(_object(answer, 403)["mfa_token"]) for answer in answers]


async def enroll(pool: Pool, people: list[Person], tokens: list[str]) -> None:
    """Give each a confirmed phone. The mfa_tokens are spent by it, and can still list."""
    wires = [_associate(person, token) for person, token in zip(people, tokens, strict=True)]
    oob_codes = [_object(answer, 200)["oob_code"] for answer in await pool.ask_all(wires)]
    wires = [request("GET", f"/_control/messages?to={person.phone_number}") for person in people]
    codes = [json.loads(_checked(answer, 200))[-1]["code"] for answer in await pool.ask_all(wires)]
    wires = [
        request(
            "POST",
            "/oauth/token",
            _CREDENTIALS | {"grant_type": _OOB, "mfa_token": token, "oob_code": oob_code, "binding_code": code},
        )
        for token, oob_code, code in zip(tokens, oob_codes, codes, strict=True)
    ]
    for answer in await pool.ask_all(wires):
        _object(answer, 200)


def check_list(person: Person, answer: Answer) -> bytes:
    """The body of a list that shows the person's confirmed phone."""
    listed = json.loads(_checked(answer, 200))
    phones = [entry["name"][-4:] for entry in listed if entry["authenticator_type"] == "oob" and entry["active"]]
    if not phones or set(phones) != {person.phone_number[-4:]}:
        raise WrongAnswerError("a list did not show the user's phone")
    return answer[1]


def _associate(person: Person, token: str) -> bytes:
    asked = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": person.phone_number}
    return request("POST", "/mfa/associate", asked, bearer=token)


def _object(answer: Answer, status: int) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(_checked(answer, status))
    return parsed


def _checked(answer: Answer, status: int) -> bytes:
    if answer[0] != status:
        raise WrongAnswerError(f"status {answer[0]} in place of {status}: {answer[1][:200]!r}")
    return answer[1]
