"""An issuer of tokens: its keys behind a real HTTP server, and a hand that signs whatever it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "https://codec.example"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass
class Issuer:
    """``keys``: by id, what it publishes. ``asked``: how often it was asked for them. ``down``: it answers 500."""

    address: str = ""
    keys: dict[str, PrivateKey] = field(default_factory=dict)
    asked: int = 0
    down: bool = False

    @property
    def name(self) -> str:
        return f"{self.address}/"

    def token(self, kid: str = "rsa", key: PrivateKey | None = None, **claims: Any) -> str:
        """A good token of an operator who may decode; ``claims`` change it, and None takes one away."""
        said = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "auth0|ada",
            "exp": int(time.time()) + 300,
            "roles": ["phone-mfa:decode"],
        } | claims
        signing = key or self.keys[kid]
        algorithm = "RS256" if isinstance(signing, rsa.RSAPrivateKey) else "ES256"
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, signing, algorithm, headers={"kid": kid})

    def jwks(self) -> str:
        return json.dumps({"keys": [published(kid, key) for kid, key in self.keys.items()]})

    def pem(self, kid: str = "rsa") -> bytes:
        public = self.keys[kid].public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def published(kid: str, key: PrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
    return {**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer that listens."""
    ours = Issuer(keys={"rsa": rsa_key(), "ec": ec.generate_private_key(ec.SECP256R1())})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ours.asked += 1
            there = self.path == "/.well-known/jwks.json"
            answer = ours.jwks().encode()
            self.send_response(500 if ours.down else 200 if there else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        ours.address = f"http://127.0.0.1:{server.server_port}"
        yield ours
        server.shutdown()
        thread.join()
