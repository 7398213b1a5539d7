"""Every route of the emulator, with one valid call, to be corrupted, for each that reads a body."""

import hashlib
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp
from starlette.routing import Route

from auth0_mfa_emulator.app import build
from auth0_mfa_emulator.tenant.clients import MANAGEMENT_SCOPES
from emulator.tests.properties.hostile_client import REFUSED_CALLS_NOTE, Hostile, Reply
from emulator.tests.visitor import CREDENTIALS, OOB, OTP, RECOVERY

PASSWORD = "correct horse of ada"
NUMBER = "+15555550100"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY_CODE = "ABCDEFGHJKLMNPQRSTUVWXYZ"
MANAGEMENT_GRANT = f"cgr_{hashlib.sha256(b'management-client').hexdigest()[:16]}"
TICKETS = "/api/v2/guardian/enrollments/ticket"
ATTACK = "/api/v2/attack-protection"
TEMPLATES = {"enrollment_message": "{{code}}", "verification_message": "{{code}} {{tenant.friendly_name}}"}
NEW_USER = {
    "connection": "Username-Password-Authentication",
    "email": "eve@example.com",
    "password": PASSWORD,
    "blocked": False,
    "name": "Eve",
    "user_metadata": {"a": 1},
}
RULES = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 1, "token_lifetime": 2_592_000}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
REALM = "http://auth0.com/oauth/grant-type/password-realm"

AUTHORIZATION = {
    "client_id": "emulator-client",
    "redirect_uri": "http://localhost:8000/callback",
    "response_type": "code",
    "response_mode": "query",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "prompt": "login",
    "max_age": "60",
    "login_hint": "ada@example.com",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}
HOSTED = ("/authorize", "/activate", "/u/", "/v2/logout", "/oidc/logout", "/mfa/enrollment")
"""Paths whose errors are pages for people."""

ROUTES = [
    (method, route.path)
    for route in build().routes
    if isinstance(route, Route)
    for method in sorted((route.methods or {"GET"}) - {"HEAD"})
]
"""Method and path template, from the application itself."""
SECRETS = (
    *("password", "client_secret", "client_assertion", "mfa_token", "oob_code", "binding_code", "otp"),
    *("recovery_code", "refresh_token", "token", "access_token", "code_verifier", "id_token_hint", "device_code"),
)
"""Members that no response may echo."""
MEMBERS = (
    *SECRETS,
    *("grant_type", "client_id", "client_assertion_type", "username", "audience", "scope", "realm", "email"),
    *("response_type", "response_mode", "redirect_uri", "state", "nonce", "prompt", "max_age", "code_challenge"),
    *("code_challenge_method", "action", "post_logout_redirect_uri", "logout_hint", "user_code"),
    *("authenticator_types", "oob_channels", "phone_number", "authenticator_id", "challenge_type"),
)
"""Members of the Authentication API."""
EASY = {"burst": 1_000_000, "per_seconds": 1}
GENEROUS = {
    **dict.fromkeys(("sends", "emails", "pushes", "wrong_codes", "recovery_attempts", "exchanges", "logins"), EASY),
    "brute_force_attempts": None,
    "max_authenticators": 100_000,
    "mfa_token_seconds": 86_400,
    "code_seconds": 86_400,
    "sign_in_seconds": 86_400,
    "device_code_seconds": 86_400,
    "same_method": "add",
    "mfa_token_single_use": False,
    "channels": ["sms", "voice"],
    "refusals": {"provider_failure": {"status": 400}},
}
"""Settings under which no call causes another's refusal."""


@dataclass(frozen=True)
class Call:
    """One valid call."""

    method: str
    path: str
    body: dict[str, Any]
    token: str = ""
    cookie: str = ""


@dataclass
class Scene:
    """A tenant with one fully enrolled user, one without authenticators, and one call of every kind.

    The calls of the Management API change a third user, `user_id`.
    """

    user_id: str
    method_id: str
    mfa_token: str
    access_token: str
    id_token: str
    management_token: str
    fresh_token: str
    calls: dict[str, Call] = field(default_factory=dict)

    @property
    def tokens(self) -> tuple[str, ...]:
        """All bearer tokens."""
        return self.mfa_token, self.access_token, self.id_token, self.management_token

    @property
    def parameters(self) -> dict[str, str]:
        """Values for the placeholders."""
        return {
            "user_id": self.user_id,
            "method_id": self.method_id,
            "client_id": "emulator-client",
            "grant_id": MANAGEMENT_GRANT,
            "name": "sms",
            "screen": "mfa-sms-challenge",
        }


def filled(template: str, parameters: dict[str, str]) -> str:
    """Returns a path with its placeholders filled; unknown ones become `x`."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: parameters.get(found[1], "x").replace("|", "%7C"), template)


def prepared(hostile: Hostile) -> Scene:
    """Create the tenant and the prerequisites of every call."""
    hostile.changed("POST", "reset", {})
    hostile.changed("PATCH", "tenant", GENEROUS)
    enrolled = [
        {"type": "phone", "phone_number": NUMBER},
        {"type": "totp", "secret": TOTP_SECRET},
        {"type": "recovery-code", "recovery_code": RECOVERY_CODE},
    ]
    ada = {"email": "ada@example.com", "password": PASSWORD, "authenticators": enrolled}
    hostile.changed("POST", "users", ada)
    hostile.changed("POST", "users", {"email": "bea@example.com", "password": PASSWORD})
    managed = {"email": "dan@example.com", "password": PASSWORD, "authenticators": enrolled[:2]}
    user_id = hostile.changed("POST", "users", managed)["user_id"]
    hostile.changed("POST", "clients", {"client_id": "device", "grant_types": [DEVICE]})
    hostile.changed("POST", "clients", {"client_id": "granted", "client_secret": "secret"})
    own = f"{hostile.address}/"
    login = _login("ada@example.com")
    mfa_token = _token(hostile, login)["mfa_token"]
    for_mfa = {"audience": f"{own}mfa/", "scope": "openid offline_access enroll read:authenticators"}
    granting = _token(hostile, login | for_mfa)["mfa_token"]
    now = hostile.http.get("/_control/clock").json()["epoch_seconds"]
    code = pyotp.TOTP(TOTP_SECRET).at(int(now))
    granted = _token(hostile, CREDENTIALS | {"grant_type": OTP, "mfa_token": granting, "otp": code})
    machine = {"grant_type": "client_credentials", "audience": f"{own}api/v2/", "scope": ""}
    machine |= {"client_id": "management-client", "client_secret": "management-secret"}
    managing = _token(hostile, machine)["access_token"]
    fresh = _token(hostile, _login("bea@example.com"))["mfa_token"]
    methods = f"/api/v2/users/{user_id}/authentication-methods".replace("|", "%7C")
    method_id = _read(hostile, methods, managing)[0]["id"]
    ticket = hostile.json("POST", TICKETS, {"user_id": user_id, "allow_multiple_enrollments": True}, managing)
    scene = Scene(user_id, method_id, mfa_token, granted["access_token"], granted["id_token"], managing, fresh)
    oob_code = hostile.http.post("/mfa/challenge", json=CREDENTIALS | {"mfa_token": mfa_token}).json()["oob_code"]
    binding_code = hostile.http.get("/_control/messages").json()[-1]["code"]
    verify = CREDENTIALS | {"mfa_token": mfa_token, "oob_code": oob_code, "binding_code": binding_code}
    refresh = CREDENTIALS | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"], "scope": ""}
    phone_by_text = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": NUMBER}
    phone = {"type": "phone", "phone_number": NUMBER, "preferred_authentication_method": "voice"}
    fault = {"method": "BREW", "path": "/nowhere", "kind": "status", "headers": {"a": "b"}, "match": {"a": "b"}}
    spoilt_message = {"kind": "delay", "to": "nobody@example.com", "channel": "email", "seconds": 1, "code": "1"}
    page, cookie = _challenge_page(hostile)
    device = hostile.json("POST", "/oauth/device/code", {"client_id": "device"}).body
    scene.calls = {
        "authorize": Call("POST", "/authorize", AUTHORIZATION),
        "page": Call("POST", page, {"action": "resend-code"}, cookie=cookie),
        "logout": Call("POST", "/oidc/logout", {"client_id": "emulator-client", "state": "s"}),
        "authorization code": Call(
            "POST",
            "/oauth/token",
            CREDENTIALS | {"grant_type": "authorization_code", "code": "unknown"},
        ),
        "message fault": Call("POST", "/_control/message-faults", spoilt_message),
        "device": Call(
            "POST", "/oauth/device/code", {"client_id": "device", "scope": "openid", "audience": own + "mfa/"}
        ),
        "activation": Call("POST", "/activate", {"user_code": device["user_code"]}),
        "device code": Call(
            "POST", "/oauth/token", {"client_id": "device", "grant_type": DEVICE, "device_code": "unknown"}
        ),
        "login": Call("POST", "/oauth/token", login | {"audience": "an api", "scope": "openid"}),
        "login to a realm": Call("POST", "/oauth/token", login | {"grant_type": REALM, "realm": ""}),
        "refresh": Call("POST", "/oauth/token", refresh),
        "revocation": Call("POST", "/oauth/revoke", CREDENTIALS | {"token": "v1.unknown"}),
        "machine": Call("POST", "/oauth/token", machine),
        "verify": Call("POST", "/oauth/token", verify | {"grant_type": OOB}),
        "one-time password": Call(
            "POST", "/oauth/token", CREDENTIALS | {"grant_type": OTP, "mfa_token": mfa_token, "otp": "1"}
        ),
        "recovery": Call(
            "POST", "/oauth/token", CREDENTIALS | {"grant_type": RECOVERY, "mfa_token": mfa_token, "recovery_code": "1"}
        ),
        "challenge": Call(
            "POST", "/mfa/challenge", CREDENTIALS | {"mfa_token": mfa_token, "challenge_type": "oob otp"}
        ),
        "associate": Call("POST", "/mfa/associate", CREDENTIALS | phone_by_text, fresh),
        "rename": Call("PATCH", "/api/v2/clients/emulator-client", {"name": "Ada's"}, managing),
        "factor": Call("PUT", "/api/v2/guardian/factors/email", {"enabled": True}, managing),
        "message types": Call(
            "PUT", "/api/v2/guardian/factors/phone/message-types", {"message_types": ["sms", "voice"]}, managing
        ),
        "enroll a phone": Call("POST", methods, phone, managing),
        "rename a method": Call("PATCH", f"{methods}/{method_id.replace('|', '%7C')}", {"name": "Ada's"}, managing),
        "managed user": Call("POST", "/api/v2/users", NEW_USER, managing),
        "change a user": Call(
            "PATCH",
            f"/api/v2/users/{user_id.replace('|', '%7C')}",
            {"name": "Ada", "email_verified": False, "user_metadata": {"a": 1}, "nickname": "ada"},
            managing,
        ),
        "ticket": Call("POST", TICKETS, {"user_id": user_id, "factor": "phone", "send_mail": False}, managing),
        "enroll by ticket": Call(
            "POST",
            "/mfa/enrollment",
            {"ticket": ticket.body["ticket_id"], "phone_number": NUMBER, "channel": "sms"},
        ),
        "provider": Call("PUT", "/api/v2/guardian/factors/phone/selected-provider", {"provider": "twilio"}, managing),
        "provider of texts": Call(
            "PUT", "/api/v2/guardian/factors/sms/selected-provider", {"provider": "auth0"}, managing
        ),
        "templates": Call("PUT", "/api/v2/guardian/factors/phone/templates", TEMPLATES, managing),
        "templates of texts": Call("PUT", "/api/v2/guardian/factors/sms/templates", TEMPLATES, managing),
        "brute force": Call(
            "PATCH", f"{ATTACK}/brute-force-protection", {"enabled": False, "shields": ["block"]}, managing
        ),
        "breached passwords": Call(
            "PATCH", f"{ATTACK}/breached-password-detection", {"enabled": True, "method": "standard"}, managing
        ),
        "suspicious addresses": Call(
            "PATCH",
            f"{ATTACK}/suspicious-ip-throttling",
            {"allowlist": ["::1"], "stage": {"pre-login": {"rate": 5}}},
            managing,
        ),
        "phone protection": Call("PATCH", f"{ATTACK}/phone-provider-protection", {"type": "default"}, managing),
        "application": Call("POST", "/api/v2/clients", {"name": "x", "grant_types": ["password"]}, managing),
        "grant": Call(
            "POST",
            "/api/v2/client-grants",
            {"client_id": "granted", "audience": f"{own}api/v2/", "scope": ["read:users"]},
            managing,
        ),
        "scopes": Call(
            "PATCH", f"/api/v2/client-grants/{MANAGEMENT_GRANT}", {"scope": list(MANAGEMENT_SCOPES)}, managing
        ),
        "user": Call("POST", "/_control/users", {"email": "cyd@example.com", "password": "x", "blocked": False}),
        "user change": Call(
            "PATCH",
            f"/_control/users/{user_id.replace('|', '%7C')}",
            {"password": PASSWORD, "email_verified": False, "blocked": False},
        ),
        "client": Call("POST", "/_control/clients", {"client_id": "c", "client_secret": "s", "public_key_pem": None}),
        "refresh token rules": Call("PATCH", "/api/v2/clients/granted", {"refresh_token": RULES}, managing),
        "seed": Call("POST", "/_control/seed", {"users": [], "clients": [], "tenant": {}}),
        "clock": Call("POST", "/_control/clock", {"advance_seconds": 0, "frozen": False}),
        "fault": Call("POST", "/_control/faults", fault | {"times": 1, "status": 400, "seconds": 1.0, "body": None}),
        "switches": Call("PATCH", "/_control/tenant", {"friendly_name": "x", "newest_first": False, "sends": EASY}),
    }
    return scene


@dataclass
class Watch:
    """Compares the tenant with its last snapshot."""

    hostile: Hostile
    scene: Scene
    seen: dict[str, object]

    def unchanged(self) -> bool:
        """Whether nothing changed except what a refused call may change."""
        return picture(self.hostile, self.scene) == self.seen

    def allow(self) -> None:
        """Accept changes, and restore settings."""
        self.hostile.changed("PATCH", "tenant", GENEROUS)
        self.hostile.changed("POST", "clock", {"set": time.time(), "frozen": False})
        self.seen = picture(self.hostile, self.scene)


def picture(hostile: Hostile, scene: Scene) -> dict[str, object]:
    """All observable state of the tenant, except the time and what a refused call may log."""
    seen = ("tenant", "faults", "message-faults", "messages", "logs", "clock")
    shown = {name: _read(hostile, f"/_control/{name}") for name in seen}
    shown["logs"] = [line for line in shown["logs"] if line["type"] not in REFUSED_CALLS_NOTE]
    shown["clock"] = shown["clock"]["frozen"]
    shown["clients"] = _read(hostile, "/api/v2/clients", scene.management_token)
    for token in (scene.mfa_token, scene.fresh_token):
        shown[token] = _read(hostile, "/mfa/authenticators", token)
    return shown


def shaped(path: str, reply: Reply) -> bool:
    """Whether an error has the format of the API that owns the path, or is a page for people."""
    if path.startswith(HOSTED) and reply.content_type.startswith("text/html"):
        return True
    if not reply.content_type.startswith("application/json"):
        return False
    members = list(reply.body)
    if path == "/_control" or path.startswith("/_control/"):
        return members == ["error"] and "\n" not in reply.body["error"]
    if path.startswith("/api/v2/"):
        first, last = members[:3], members[3:]
        known = first == ["statusCode", "error", "message"] and last in ([], ["errorCode"], ["attributes"])
        return known and reply.body["statusCode"] == reply.status
    if reply.body["error"] == "mfa_required":
        return members == ["error", "error_description", "mfa_token"]
    return members == ["error", "error_description"] and all(isinstance(text, str) for text in reply.body.values())


def _read(hostile: Hostile, path: str, token: str = "") -> Any:
    answer = hostile.http.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _challenge_page(hostile: Hostile) -> tuple[str, str]:
    """Returns the page that asks Ada for the code of a text, and the cookie of her browser."""
    with httpx.Client(base_url=hostile.address, trust_env=False) as browser:
        page = browser.get("/authorize", params=AUTHORIZATION).headers["location"]
        answers: list[dict[str, str]] = [
            {"username": "ada@example.com", "password": PASSWORD},
            {"action": "pick-authenticator"},
            {"action": "1"},
        ]
        for answer in answers:
            page = browser.post(page, data=answer).headers["location"]
        assert page.startswith("/u/mfa-sms-challenge?state=")
        return page, f"did={browser.cookies['did']}"


def _login(email: str) -> dict[str, str]:
    return CREDENTIALS | {"grant_type": "password", "username": email, "password": PASSWORD}


def _token(hostile: Hostile, body: dict[str, str]) -> dict[str, str]:
    answer: dict[str, str] = hostile.http.post("/oauth/token", json=body).json()
    return answer
