"""A tenant whose users log in: its metadata, keys and token endpoint at a socket, which answer as a test wants."""

import asyncio
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.context import LoginContext
from gateway.login_cookies import LoginCookies
from phone_mfa.auth0 import ClientSecret
from phone_mfa.invitations import CALLBACK, Invitations
from phone_mfa.openid import OpenIdClient, OpenIdSettings
from phone_mfa.serving import config_of
from tests.integration.codec_server.issuer import PrivateKey, published, rsa_key
from tests.integration.gateway.door import PLAIN
from tests.keys import KEYS

CLIENT_ID, SECRET = "the-gateway", "its-secret"
GATEWAY = "http://127.0.0.1:8088"
ACCESS_TOKEN = "an.access.token"
Json = dict[str, Any]


@dataclass
class Tenant:
    """``user``: who logs in next. ``claims``, ``tokens``, ``metadata``: what differs from a good answer; None takes a
    member away. ``status``: of the token endpoint. ``spent``: codes that were exchanged."""

    address: str = ""
    key: PrivateKey = field(default_factory=rsa_key)
    user: str = "auth0|ada"
    claims: Json = field(default_factory=dict)
    tokens: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    signing: Any = None
    algorithm: str = "RS256"
    status: int = 200
    down: bool = False
    asked: list[Json] = field(default_factory=list)
    codes: dict[str, Json] = field(default_factory=dict)

    def authorizes(self, url: str) -> str:
        """A user logs in at the page with this address; returns the code that the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked | {"user": self.user}
        return code

    async def configuration(self, request: Request) -> Response:
        own = f"{self.address}/"
        good: Json = {
            "issuer": own,
            "authorization_endpoint": f"{own}authorize",
            "token_endpoint": f"{own}oauth/token",
            "jwks_uri": f"{own}.well-known/jwks.json",
        }
        return JSONResponse(good | self.metadata, 500 if self.down else 200)

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [published("one", self.key)]})

    async def token(self, request: Request) -> Response:
        form: Json = await request.json()
        self.asked.append(form)
        if self.status != 200:
            return JSONResponse({"error": "too_many_requests", "error_description": "wait"}, self.status)
        known = self.codes.pop(form["code"], None)
        proved = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if known is None or known["code_challenge"] != proved or form["redirect_uri"] != known["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant", "error_description": "Invalid authorization code"}, 403)
        tokens = {
            "access_token": ACCESS_TOKEN,
            "id_token": self._id_token(known),
            "scope": known["scope"],
            "expires_in": 600,
            "token_type": "Bearer",
        }
        return JSONResponse(kept(tokens | self.tokens))

    def _id_token(self, known: Json) -> str:
        now = int(time.time())
        claims = {
            "iss": f"{self.address}/",
            "aud": CLIENT_ID,
            "sub": known["user"],
            "nonce": known["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "email": "ada@example.com",
            "email_verified": True,
        }
        headers = {"kid": "one"} | self.header
        return jwt.encode(kept(claims | self.claims), self.signing or self.key, self.algorithm, headers)


def kept(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


@asynccontextmanager
async def logging_in(**changed: Any) -> AsyncIterator[tuple[Tenant, LoginContext]]:
    """A tenant that listens, and what a gateway needs to send users there. ``changed``: settings of the client."""
    tenant = Tenant()
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", tenant.configuration),
            Route("/.well-known/jwks.json", tenant.jwks),
            Route("/oauth/token", tenant.token, methods=["POST"]),
        ]
    )
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = uvicorn.Server(config_of(app))
    task = asyncio.create_task(server._serve([listening]))
    tenant.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(trust_env=False, verify=PLAIN) as http:
        settings: Json = {
            "base_url": tenant.address,
            "credentials": ClientSecret(CLIENT_ID, SecretStr(SECRET)),
            "redirect_uri": f"{GATEWAY}{CALLBACK}",
            "max_age": 900,
        }
        try:
            yield (
                tenant,
                LoginContext(
                    OpenIdClient(http, OpenIdSettings(**settings | changed)),
                    LoginCookies(KEYS, secure=False),
                    Invitations(KEYS, GATEWAY, timedelta(days=7)),
                ),
            )
        finally:
            server.should_exit = True
            await task
