"""A person with a phone and an application, as clients of a running emulator."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pyotp

OOB = "http://auth0.com/oauth/grant-type/mfa-oob"
OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
RECOVERY = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
CREDENTIALS = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
PASSWORD = "correct horse"

_serial = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A user of the tenant and their phone number."""

    email: str
    number: str
    user_id: str


@dataclass(frozen=True)
class Visitor:
    """A test's client of the emulator."""

    http: httpx.AsyncClient

    @property
    def mfa_audience(self) -> str:
        return f"{self.http.base_url}/mfa/".replace("//mfa", "/mfa")

    async def control(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.http.request(method, f"/_control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def switch(self, **switches: object) -> None:
        await self.control("PATCH", "tenant", switches)

    async def advance(self, seconds: float) -> None:
        await self.control("POST", "clock", {"advance_seconds": seconds})

    async def fault(self, method: str, path: str, kind: str, **details: object) -> None:
        await self.control("POST", "faults", {"method": method, "path": path, "kind": kind, **details})

    async def message_fault(self, kind: str, **details: object) -> None:
        await self.control("POST", "message-faults", {"kind": kind, **details})

    async def person(self, **flags: object) -> Person:
        serial = next(_serial)
        email = f"person{serial}@example.com"
        made = await self.control("POST", "users", {"email": email, "password": PASSWORD, **flags})
        return Person(email, f"+1555555{serial:04}", made["user_id"])

    async def grant(self, grant_type: str, **parameters: str) -> httpx.Response:
        return await self.http.post("/oauth/token", data=CREDENTIALS | {"grant_type": grant_type} | parameters)

    async def login(self, person: Person, **parameters: str) -> httpx.Response:
        return await self.grant("password", username=person.email, password=PASSWORD, **parameters)

    async def mfa_token(self, person: Person, **parameters: str) -> str:
        answer = await self.login(person, **parameters)
        assert answer.status_code == 403, answer.text
        return str(answer.json()["mfa_token"])

    async def associate(self, token: str, number: str, channel: str = "sms", **more: object) -> httpx.Response:
        body = {"authenticator_types": ["oob"], "oob_channels": [channel], "phone_number": number}
        return await self.http.post("/mfa/associate", json=body | more, headers=bearer(token))

    async def add(self, token: str, **body: object) -> httpx.Response:
        """Associate anything."""
        return await self.http.post("/mfa/associate", json=body, headers=bearer(token))

    async def add_email(self, token: str, email: str) -> httpx.Response:
        return await self.add(token, authenticator_types=["oob"], oob_channels=["email"], email=email)

    async def add_push(self, token: str) -> httpx.Response:
        return await self.add(token, authenticator_types=["oob"], oob_channels=["auth0"])

    async def add_otp(self, token: str) -> httpx.Response:
        return await self.add(token, authenticator_types=["otp"])

    async def answer_push(self, person: Person, answer: str) -> None:
        """Approve or deny the newest push on the person's device."""
        newest = (await self.messages(person.email))[-1]
        await self.control("POST", f"messages/{newest['id']}/{answer}")

    async def poll(self, mfa_token: str, oob_code: str) -> httpx.Response:
        return await self.grant(OOB, mfa_token=mfa_token, oob_code=oob_code)

    async def enroll_otp(self, person: Person) -> pyotp.TOTP:
        """Enroll an authenticator app for the person."""
        token = await self.mfa_token(person)
        application = pyotp.TOTP((await self.add_otp(token)).json()["secret"])
        answer = await self.grant(OTP, mfa_token=token, otp=application.at(await self.now()))
        assert answer.status_code == 200, answer.text
        return application

    async def enroll_push(self, person: Person) -> None:
        """Scan the QR code with the Guardian app."""
        token = await self.mfa_token(person)
        oob_code = (await self.add_push(token)).json()["oob_code"]
        await self.answer_push(person, "approve")
        answer = await self.poll(token, oob_code)
        assert answer.status_code == 200, answer.text

    async def now(self) -> int:
        """The tenant's time, in epoch seconds."""
        advanced = await self.control("POST", "clock", {"advance_seconds": 0})
        return int(datetime.fromisoformat(advanced["now"]).timestamp())

    async def events(self, person: Person) -> list[str]:
        """The types of the tenant's log lines about a person, oldest first."""
        lines = (await self.http.get("/_control/logs", params={"user_id": person.user_id})).json()
        return [line["type"] for line in lines]

    async def messages(self, number: str) -> list[dict[str, Any]]:
        answer = await self.http.get("/_control/messages", params={"to": number})
        listed: list[dict[str, Any]] = answer.json()
        return listed

    async def code(self, number: str) -> str:
        return str((await self.messages(number))[-1]["code"])

    async def verify(self, mfa_token: str, oob_code: str, code: str) -> httpx.Response:
        return await self.grant(OOB, mfa_token=mfa_token, oob_code=oob_code, binding_code=code)

    async def enroll(self, person: Person, channel: str = "sms") -> list[str]:
        """Enroll the person's phone and return the recovery codes."""
        token = await self.mfa_token(person)
        associated = (await self.associate(token, person.number, channel)).json()
        verified = await self.verify(token, associated["oob_code"], await self.code(person.number))
        assert verified.status_code == 200, verified.text
        return list(associated.get("recovery_codes", []))

    async def challenge(self, mfa_token: str, **parameters: str) -> httpx.Response:
        return await self.http.post("/mfa/challenge", json=CREDENTIALS | {"mfa_token": mfa_token} | parameters)

    async def pass_challenge(self, person: Person, **parameters: str) -> dict[str, Any]:
        """Log in with the enrolled phone and return the token response."""
        token = await self.mfa_token(person, **parameters)
        oob_code = (await self.challenge(token)).json()["oob_code"]
        answer = await self.verify(token, oob_code, await self.code(person.number))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def authenticators(self, token: str) -> list[dict[str, Any]]:
        answer = await self.http.get("/mfa/authenticators", headers=bearer(token))
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    async def entries(self, token: str, number: str) -> list[dict[str, Any]]:
        """Returns the list entries of the phone with this number."""
        return [entry for entry in await self.authenticators(token) if entry.get("name", "").endswith(number[-4:])]

    async def management_token(self, scope: str = "") -> str:
        credentials = {"client_id": "management-client", "client_secret": "management-secret"}
        audience = self.mfa_audience.replace("/mfa/", "/api/v2/")
        asked = {"grant_type": "client_credentials", "audience": audience, "scope": scope}
        answer = await self.http.post("/oauth/token", json=credentials | asked)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def manage(self, method: str, path: str, body: object = None, scope: str = "") -> httpx.Response:
        token = await self.management_token(scope)
        return await self.http.request(method, f"/api/v2/{path}", json=body, headers=bearer(token))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Returns the error of an Authentication API response."""
    body = answer.json()
    assert list(body) == ["error", "error_description"]
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, body["error"], body["error_description"]


BAD_BEARER = (401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
PENDING = (400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
WRONG_CODE = (403, "invalid_grant", "Invalid binding_code.")
TOO_MANY_SMS = (400, "invalid_request", "Too many SMS sent by the user. Wait for some minutes before retrying.")
TOO_MANY_CODES = (400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
ALREADY_ENROLLED = (403, "access_denied", "User is already enrolled.")


def other_than(code: str, by: int = 1) -> str:
    """Returns six wrong digits."""
    return f"{(int(code) + by) % 10**6:06}"
