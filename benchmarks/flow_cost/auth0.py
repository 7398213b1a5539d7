"""A fake Auth0 that responds instantly, over HTTP: `python -m benchmarks.flow_cost.auth0 PORT`.

Responses are as long as recorded ones. All codes but one are wrong. The remaining cost of a flow is Temporal's and the
worker's.
"""

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

import uvicorn

RIGHT_CODE: Final = "314159"
WRONG_CODE: Final = "271828"

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_SENT: Final = {
    "authenticator_type": "oob",
    "oob_channel": "sms",
    "oob_code": "x" * 578,
    "binding_method": "prompt",
    "recovery_codes": ["ABCDEFGHJKLMNPQRSTUVWX23"],
}
_TOKENS: Final = {
    "access_token": "x" * 1000,
    "id_token": "x" * 800,
    "token_type": "Bearer",
    "expires_in": 86400,
    "scope": "openid",
}
_WRONG: Final = {"error": "invalid_grant", "error_description": "Invalid binding_code."}


async def answer(scope: _Message, receive: _Receive, send: _Send) -> None:
    """The ASGI application."""
    if scope["type"] == "http":
        status, told = _judged(scope["path"], await _body(receive))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})


async def _body(receive: _Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def _judged(path: str, body: bytes) -> tuple[int, object]:
    if path == "/mfa/associate":
        return 200, _SENT
    right = _code_in(body) == RIGHT_CODE
    return (200, _TOKENS) if right else (403, _WRONG)


def _code_in(body: bytes) -> str | None:
    asked = (
        json.loads(body) if body.startswith(b"{") else {name: each[0] for name, each in parse_qs(body.decode()).items()}
    )
    code: str | None = asked.get("binding_code")
    return code


if __name__ == "__main__":
    uvicorn.run(answer, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", lifespan="off")
