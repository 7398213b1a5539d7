"""Users of the emulator, and logins that wait for MFA."""

import json
from dataclasses import dataclass

from .load import Answer, Pool, request

_PASSWORD = "correct horse"  # noqa: S105  # of pretend users
_CREDENTIALS = {"client_id": "emulator-client", "client_secret": "emulator-secret"}


class WrongAnswerError(Exception):
    """The emulator returned an unexpected response."""


@dataclass(frozen=True)
class Person:
    """A user by number, from 0."""

    serial: int

    @property
    def email(self) -> str:
        """A unique e-mail address."""
        return f"person{self.serial}@example.com"

    @property
    def phone_number(self) -> str:
        """A unique phone number."""
        return f"+1555{self.serial:07}"

    @property
    def seeded(self) -> dict[str, object]:
        """The user with a confirmed phone, in the format of the emulator's `--seed`."""
        phone = {"type": "phone", "phone_number": self.phone_number}
        return {"email": self.email, "password": _PASSWORD, "authenticators": [phone]}

    @property
    def login(self) -> bytes:
        """The login request that returns an mfa_token."""
        asked = {"grant_type": "password", "username": self.email, "password": _PASSWORD}
        return request("POST", "/oauth/token", _CREDENTIALS | asked)


def spread(users: int, sample: int) -> list[Person]:
    """Return an evenly spaced sample of all people."""
    count = min(users, sample)
    return [Person(index * users // count) for index in range(count)]


async def log_in(pool: Pool, people: list[Person]) -> list[str]:
    """Return an mfa_token for each person."""
    answers = await pool.ask_all([person.login for person in people])
    return [str(_object(answer, 403)["mfa_token"]) for answer in answers]


def check_list(person: Person, answer: Answer) -> bytes:
    """Return the body of a list with the person's confirmed phone."""
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
