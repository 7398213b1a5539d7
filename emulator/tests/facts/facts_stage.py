"""Setup of a row: a tenant with a frozen clock, a person, and the mfa_token of a pending login."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
import pyotp

from emulator.tests.facts.facts_template import START
from emulator.tests.visitor import CREDENTIALS, OOB, OTP, PASSWORD, RECOVERY, Person, Visitor, bearer

EMAIL = "user@example.com"
NUMBER = "+919876549167"
SECRET = "HJ6XM2DNERXDAVCUONGWKRTCMNTU6VDF"
RECOVERY_CODE = "MZCRK3YX5V3AKNNYY6JEBQCL"

PHONE = {"type": "phone", "phone_number": NUMBER}
PUSH = {"type": "push"}
TOTP = {"type": "totp", "secret": SECRET}
CODE = {"type": "recovery-code", "recovery_code": RECOVERY_CODE}
REPORTS = {"scope": "read:reports", "audience": "https://api.example.com"}
"""A login for an API, whose token answer has neither an id_token nor a refresh_token."""
SCOPES = "enroll read:authenticators remove:authenticators"


@dataclass(frozen=True)
class Stage:
    """`token` is the person's mfa_token, empty if MFA was not required."""

    visitor: Visitor
    person: Person
    token: str = ""

    @property
    def http(self) -> httpx.AsyncClient:
        return self.visitor.http

    async def login(self, **parameters: str) -> httpx.Response:
        return await self.visitor.login(self.person, **parameters)

    async def associate(self, channel: str = "sms", **more: object) -> httpx.Response:
        return await self.visitor.associate(self.token, self.person.number, channel, **more)

    async def add(self, *kinds: str, token: str | None = None, **more: object) -> httpx.Response:
        """Associate `otp`, or the given channels."""
        kind = {"authenticator_types": ["otp"]} if kinds == ("otp",) else {"authenticator_types": ["oob"]}
        channels = {} if kinds == ("otp",) else {"oob_channels": list(kinds)}
        return await self.visitor.add(self.token if token is None else token, **(kind | channels | more))

    async def listed(self, token: str | None = None) -> httpx.Response:
        return await self.http.get("/mfa/authenticators", headers=bearer(self.token if token is None else token))

    async def ids(self) -> list[str]:
        return [str(entry["id"]) for entry in (await self.listed()).json()]

    async def delete(self, authenticator_id: str, token: str) -> httpx.Response:
        path = f"/mfa/authenticators/{authenticator_id.replace('|', '%7C')}"
        return await self.http.delete(path, headers=bearer(token))

    async def challenge(self, **parameters: str) -> httpx.Response:
        return await self.visitor.challenge(self.token, **parameters)

    async def challenged(self) -> tuple[str, str]:
        """Challenge the person's phone and return the oob_code and the received digits."""
        oob_code = (await self.challenge()).json()["oob_code"]
        return oob_code, await self.visitor.code(self.person.number)

    async def verify(self, oob_code: str, code: str, token: str | None = None) -> httpx.Response:
        return await self.visitor.verify(self.token if token is None else token, oob_code, code)

    async def exchange(self, grant_type: str = OOB, **parameters: object) -> httpx.Response:
        """Call an MFA grant by JSON with the mfa_token and client credentials; None omits a member."""
        given = CREDENTIALS | {"grant_type": grant_type, "mfa_token": self.token} | parameters
        return await self.http.post(
            "/oauth/token", json={name: value for name, value in given.items() if value is not None}
        )

    async def confirm(self) -> httpx.Response:
        """Associate the phone and verify the received code."""
        oob_code = (await self.associate()).json()["oob_code"]
        return await self.verify(oob_code, await self.visitor.code(self.person.number))

    async def pass_challenge(self) -> httpx.Response:
        return await self.verify(*await self.challenged())

    async def poll(self, oob_code: str) -> httpx.Response:
        return await self.visitor.poll(self.token, oob_code)

    async def otp(self, code: str | None = None) -> httpx.Response:
        """Returns a one-time password of the seeded app, or of another."""
        return await self.exchange(OTP, otp=code or await self.password())

    async def password(self, seconds_ago: int = 0) -> str:
        return pyotp.TOTP(SECRET).at(await self.visitor.now() - seconds_ago)

    async def recover(self, code: str = RECOVERY_CODE) -> httpx.Response:
        return await self.exchange(RECOVERY, recovery_code=code)

    async def access(self, scope: str = SCOPES) -> str:
        """Returns an access token for the MFA API, verified by the person's phone if enrolled."""
        answer = await self.login(audience=self.visitor.mfa_audience, scope=scope)
        if answer.status_code == 403:
            answer = await Stage(self.visitor, self.person, answer.json()["mfa_token"]).pass_challenge()
        return str(answer.json()["access_token"])

    async def again(self, **login: str) -> "Stage":
        """Start a new login of the same person."""
        return Stage(self.visitor, self.person, await self.visitor.mfa_token(self.person, **login))


async def staged(
    visitor: Visitor,
    *,
    has: Sequence[Mapping[str, object]],
    switches: Mapping[str, object],
    login: Mapping[str, str] | None,
    verified: bool,
) -> Stage:
    """A stage with everything a row requires."""
    await visitor.control("POST", "clock", {"set": START, "frozen": True})
    await visitor.switch(**({"friendly_name": "My Test Tenant"} | dict(switches)))
    user = {"email": EMAIL, "password": PASSWORD, "email_verified": verified, "authenticators": list(has)}
    person = Person(EMAIL, NUMBER, (await visitor.control("POST", "users", user))["user_id"])
    if login is None:
        return Stage(visitor, person)
    answer = (await visitor.login(person, **login)).json()
    return Stage(visitor, person, answer.get("mfa_token", ""))
