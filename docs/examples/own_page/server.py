"""An app with a page of its own, on which users enroll their phones. Needs starlette, uvicorn and httpx.

    GATEWAY=http://127.0.0.1:8088 API_KEY=pmk_... python server.py

AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET name the app's application at Auth0, which logs users in. The API
key and the mfa_token stay here: the page gets a flow token, which is good for one flow and half an hour.
"""

import os
import secrets
from pathlib import Path
from string import Template

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

GATEWAY = os.environ["GATEWAY"]
API_KEY = os.environ["API_KEY"]
DOMAIN = os.environ["AUTH0_DOMAIN"]
AUTH0 = DOMAIN if "://" in DOMAIN else f"https://{DOMAIN}"
APPLICATION = {"client_id": os.environ["AUTH0_CLIENT_ID"], "client_secret": os.environ["AUTH0_CLIENT_SECRET"]}
PORT = int(os.environ.get("PORT", "8089"))

PAGE = Path(__file__).parent / "page"
UNREADABLE = {"detail": "Please fill in all fields."}
LOGIN_FAILED = {"detail": "The e-mail address or the password is wrong."}
UNAVAILABLE = {"detail": "That did not work. Please try again later."}


async def page(_: Request) -> Response:
    """The page, which may load scripts from the gateway and call it. Its forms are sent by its script only."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'self'; script-src 'self' {GATEWAY} 'nonce-{nonce}'; connect-src 'self' {GATEWAY}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    html = Template((PAGE / "index.html").read_text()).substitute(gateway=GATEWAY, nonce=nonce)
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


async def enroll(request: Request) -> Response:
    """Log a user in, start the enrollment of their phone, and return the flow token."""
    if request.headers.get("content-type") != "application/json":  # which other sites' pages cannot send
        return JSONResponse(UNREADABLE, 415)
    try:
        form = await request.json()
        email, password, number = (str(form[name]) for name in ("email", "password", "phone_number"))
    except (ValueError, KeyError, TypeError):
        return JSONResponse(UNREADABLE, 400)
    try:
        return await enrolled(email, password, number)
    except (httpx.HTTPError, ValueError):  # no answer, or none in JSON
        return JSONResponse(UNAVAILABLE, 502)


async def enrolled(email: str, password: str, number: str) -> Response:
    """Returns the flow token, or why there is none. Raises ``httpx.HTTPError`` and ``ValueError``."""
    async with httpx.AsyncClient(timeout=30) as http:
        grant = {"grant_type": "password", "username": email, "password": password}
        login = (await http.post(f"{AUTH0}/oauth/token", data=APPLICATION | grant)).json()
        if "mfa_token" not in login:
            return JSONResponse(LOGIN_FAILED, 403)
        started = await http.post(
            f"{GATEWAY}/v1/enrollments",
            headers={"Authorization": f"Bearer {API_KEY}"},
            json={
                "user": email.lower(),  # one spelling, so that each user has one budget
                "phone_number": number,
                "mfa_token": login["mfa_token"],
                "policy": {"resend_after_seconds": [10, 30]},
            },
        )
    if started.status_code == 422:  # the number is invalid, for example; other problems are not the user's
        return JSONResponse({"detail": started.json()["detail"]}, 422)
    return JSONResponse({"flow_token": started.raise_for_status().json()["flow_token"]})


files = Mount("/", StaticFiles(directory=PAGE))
app = Starlette(routes=[Route("/", page), Route("/enroll", enroll, methods=["POST"]), files])

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, log_level="warning")
