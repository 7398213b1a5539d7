"""A browser without scripts that signs a person in on the hosted pages, and an application that sent it there."""

import hashlib
import html
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt

from emulator.tests.visitor import PASSWORD, Person, Visitor

CALLBACK = "https://app.example.com/callback"
CLIENT = {"client_id": "web", "client_secret": "web-secret"}


@dataclass
class Browser:
    """Follows redirects within the tenant only. `verifier` is the application's."""

    visitor: Visitor
    http: httpx.AsyncClient
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    @property
    def challenge(self) -> str:
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    async def open(self, **parameters: str) -> httpx.Response:
        """Come from the application to `/authorize`."""
        asked = {
            "client_id": "web",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": "s1",
        }
        asked |= {"code_challenge": self.challenge, "code_challenge_method": "S256"} | parameters
        given = {name: value for name, value in asked.items() if value}
        return await self.followed(await self.http.get("/authorize", params=given))

    async def followed(self, answer: httpx.Response) -> httpx.Response:
        while answer.status_code == 302 and answer.headers["location"].startswith("/"):
            answer = await self.http.get(answer.headers["location"])
        return answer

    async def send(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Submit the form of a page."""
        return await self.followed(await self.http.post(page.request.url, data=fields))

    async def login(self, person: Person, **parameters: str) -> httpx.Response:
        """Give the right password, and return what comes next."""
        return await self.send(await self.open(**parameters), username=person.email, password=PASSWORD)

    async def signed_in(self, person: Person, **parameters: str) -> dict[str, str]:
        """Pass the password and the code of the person's phone, and return the callback's parameters."""
        page = await self.login(person, **parameters)
        return callback(await self.send(page, code=await self.visitor.code(person.number)))

    async def exchange(self, code: str, **parameters: str) -> httpx.Response:
        given = CLIENT | {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        given |= {"code_verifier": self.verifier} | parameters
        return await self.http.post("/oauth/token", data={name: value for name, value in given.items() if value})

    async def tokens(self, person: Person, **parameters: str) -> dict[str, str]:
        answer = await self.exchange((await self.signed_in(person, **parameters))["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def callback(answer: httpx.Response) -> dict[str, str]:
    """Returns the parameters of a redirect to the application."""
    assert answer.status_code == 302, (answer.status_code, answer.text)
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}?"), location
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def screen(answer: httpx.Response) -> str:
    """Returns the name of the page that is shown."""
    assert answer.headers["content-type"].startswith("text/html"), answer.headers
    return answer.request.url.path.removeprefix("/u/")


def error(answer: httpx.Response) -> str:
    found = re.search(r'role="alert">([^<]*)<', answer.text)
    return html.unescape(found[1]) if found else ""


def claims(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))
