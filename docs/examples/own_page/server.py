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
LOGIN_FAILED = {"detail": "The e-mail address or the password is wrong."}


async def page(_: Request) -> Response:
    """The page, which may load scripts from the gateway and call it."""
    nonce = secrets.token_urlsafe(16)
    policy = f"default-src 'self'; script-src 'self' {GATEWAY} 'nonce-{nonce}'; connect-src 'self' {GATEWAY}"
    html = Template((PAGE / "index.html").read_text()).substitute(gateway=GATEWAY, nonce=nonce)
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


async def enroll(request: Request) -> Response:
    """Log a user in, start the enrollment of their phone, and return the flow token."""
    form = await request.json()
    async with httpx.AsyncClient(timeout=30) as http:
        grant = {"grant_type": "password", "username": form["email"], "password": form["password"]}
        login = (await http.post(f"{AUTH0}/oauth/token", data=APPLICATION | grant)).json()
        if "mfa_token" not in login:
            return JSONResponse(LOGIN_FAILED, 403)
        started = await http.post(
            f"{GATEWAY}/v1/enrollments",
            headers={"Authorization": f"Bearer {API_KEY}"},
            json={
                "user": form["email"],
                "phone_number": form["phone_number"],
                "mfa_token": login["mfa_token"],
                "policy": {"resend_after_seconds": [10, 30]},
            },
        )
    if started.is_error:  # a problem document: the number is invalid, for example
        return JSONResponse(started.json(), started.status_code)
    return JSONResponse({"flow_token": started.json()["flow_token"]})


files = Mount("/", StaticFiles(directory=PAGE))
app = Starlette(routes=[Route("/", page), Route("/enroll", enroll, methods=["POST"]), files])

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, log_level="warning")
