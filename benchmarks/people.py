"""Users of the emulator, and logins of some of them that are waiting for MFA."""

import json
from dataclasses import dataclass

from .load import Answer, Pool, request

_PASSWORD = "correct horse"  # noqa: S105  # of pretend users
_CREDENTIALS = {"client_id": "emulator-client", "client_secret": "emulator-secret"}


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
    def seeded(self) -> dict[str, object]:
        """What makes the user, with a confirmed phone, in the form of the emulator's `--seed`."""
        phone = {"type": "phone", "phone_number": self.phone_number}
        return {"email": self.email, "password": _PASSWORD, "authenticators": [phone]}

    @property
    def login(self) -> bytes:
        """The request that is answered with an mfa_token."""
        asked = {"grant_type": "password", "username": self.email, "password": _PASSWORD}
        return request("POST", "/oauth/token", _CREDENTIALS | asked)


def spread(users: int, sample: int) -> list[Person]:
    """So many people out of all, evenly apart."""
    count = min(users, sample)
    return [Person(index * users // count) for index in range(count)]


async def log_in(pool: Pool, people: list[Person]) -> list[str]:
    """An mfa_token for each."""
    answers = await pool.ask_all([person.login for person in people])
    return [str(_object(answer, 403)["mfa_token"]) for answer in answers]


def check_list(person: Person, answer: Answer) -> bytes:
    """The body of a list that shows the person's confirmed phone."""
    listed = json.loads(_checked(answer, 200))
    phones = [entry["name"][-4:] for entry in listed if entry["authenticator_type"] == "oob" and entry["active"]]
    if not phones or set(phones) != {person.phone_number[-4:]}:
        raise WrongAnswerError("a list did not show the user's phone")
    return answer[1]


def _object(answer: Answer, status: int) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(_checked(answer, status))
    return parsed


def _checked(answer: Answer, status: int) -> bytes:
    if answer[0] != status:
        raise WrongAnswerError(f"status {answer[0]} in place of {status}: {answer[1][:200]!r}")
    return answer[1]
