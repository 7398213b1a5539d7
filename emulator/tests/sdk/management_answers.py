"""An answer of every call of the Management API that returns a body, from a tenant with users of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.tests.visitor import PASSWORD, Person, Visitor

CONNECTION = "Username-Password-Authentication"
NUMBER = "+442071838750"
_V2 = "/api/v2"
_USER = f"{_V2}/users/{{user_id}}"
_METHODS = f"{_USER}/authentication-methods"
_FACTORS = f"{_V2}/guardian/factors"
_ATTACK = f"{_V2}/attack-protection"
_TOTALS = "include_totals=true"


@dataclass(frozen=True)
class Answer:
    """The body of an answer, and the path of the SDKs' method for it, such as `users.get`.

    A bare array is shown under the method's name with `[]`: a list whose entries the SDKs type.
    """

    call: str
    body: Any


@dataclass
class Recorder:
    """Calls the Management API and keeps the answers, with method and path template of their routes."""

    visitor: Visitor
    answers: list[Answer] = field(default_factory=list)
    routes: set[tuple[str, str]] = field(default_factory=set)

    async def call(self, sdk: str, method: str, path: str, body: object = None, query: str = "", **named: str) -> Any:
        """Make one call. Returns its body."""
        filled = path.removeprefix(f"{_V2}/").format_map(named)
        answer = await self.visitor.manage(method, f"{filled}?{query}" if query else filled, body)
        assert answer.is_success, answer.text
        self.routes.add((method, path))
        self.answers.append(Answer(sdk, answer.json()))
        return answer.json()

    async def listed(self, sdk: str, path: str, query: str = _TOTALS, **named: str) -> Any:
        """List with totals, and as a bare array. Returns the array."""
        await self.call(sdk, "GET", path, query=query, **named)
        return await self.call(f"{sdk}[]", "GET", path, **named)


async def recorded(visitor: Visitor) -> Recorder:
    """Every call, at least once."""
    recorder = Recorder(visitor)
    await _users(recorder)
    await _enrollments(recorder)
    await _tenant(recorder)
    await _applications(recorder)
    await _logs(recorder)
    return recorder


async def _users(recorder: Recorder) -> None:
    email = "chuck334@example.com"
    rich = {
        "given_name": "Chuck",
        "family_name": "Sanchez",
        "name": "Chuck Sanchez",
        "nickname": "chuck",
        "username": "chuck",
        "picture": "https://example.com/chuck.jpg",
        "phone_number": NUMBER,
        "phone_verified": True,
        "blocked": True,
        "user_metadata": {"a": 1},
        "app_metadata": {"plan": "free"},
    }
    new = {"connection": CONNECTION, "email": email, "password": PASSWORD, **rich}
    user_id = (await recorder.call("users.create", "POST", f"{_V2}/users", new))["user_id"]
    await recorder.call("users.update", "PATCH", _USER, {"password": "another"}, user_id=user_id)
    await recorder.call("users.list_users_by_email", "GET", f"{_V2}/users-by-email", query=f"email={email}")
    methods: list[Mapping[str, object]] = [
        {"type": "phone", "phone_number": NUMBER, "name": "Mine", "preferred_authentication_method": "voice"},
        {"type": "email", "email": email, "name": "Mail"},
        {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "name": "App"},
    ]
    for method in methods:
        made = await recorder.call("users.authentication_methods.create", "POST", _METHODS, method, user_id=user_id)
        path, named = f"{_METHODS}/{{method_id}}", {"user_id": user_id, "method_id": made["id"]}
        await recorder.call("users.authentication_methods.update", "PATCH", path, {"name": "Other"}, **named)
    await recorder.call("users.authentication_methods.set", "PUT", _METHODS, methods, user_id=user_id)


async def _enrollments(recorder: Recorder) -> None:
    """What users enroll themselves, pending and confirmed."""
    visitor = recorder.visitor
    people: list[Person] = [await visitor.person(email_verified=True) for _ in range(5)]
    await visitor.enroll(people[0])
    await visitor.enroll_push(people[1])
    await visitor.enroll_otp(people[2])
    await visitor.associate(await visitor.mfa_token(people[3]), people[3].number)
    for user in await recorder.listed("users.list", f"{_V2}/users"):
        user_id = user["user_id"]
        await recorder.call("users.get", "GET", _USER, user_id=user_id)
        for method in await recorder.listed("users.authentication_methods.list", _METHODS, user_id=user_id):
            named = {"user_id": user_id, "method_id": method["id"]}
            await recorder.call("users.authentication_methods.get", "GET", f"{_METHODS}/{{method_id}}", **named)
        for one in await recorder.call("users.enrollments.get", "GET", f"{_USER}/enrollments", user_id=user_id):
            path, device = f"{_V2}/guardian/enrollments/{{enrollment_id}}", one["id"]
            await recorder.call("guardian.enrollments.get", "GET", path, enrollment_id=device)
    path, named = f"{_USER}/recovery-code-regeneration", {"user_id": people[0].user_id}
    await recorder.call("users.regenerate_recovery_code", "POST", path, **named)
    ticket = {"user_id": people[4].user_id, "send_mail": True}
    await recorder.call("guardian.enrollments.create_ticket", "POST", f"{_V2}/guardian/enrollments/ticket", ticket)


async def _tenant(recorder: Recorder) -> None:
    """Factors, policies and attack protection: read, and changed to what was read."""
    await recorder.call("guardian.factors.list", "GET", _FACTORS)
    await recorder.call("guardian.factors.set", "PUT", f"{_FACTORS}/{{name}}", {"enabled": True}, name="sms")
    phone, types = "guardian.factors.phone", f"{_FACTORS}/phone/message-types"
    body = await recorder.call(f"{phone}.get_message_types", "GET", types)
    await recorder.call(f"{phone}.set_message_types", "PUT", types, body)
    for name in ("phone", "sms"):
        sdk, path = f"guardian.factors.{name}", f"{_FACTORS}/{name}"
        body = await recorder.call(f"{sdk}.get_selected_provider", "GET", f"{path}/selected-provider")
        await recorder.call(f"{sdk}.set_provider", "PUT", f"{path}/selected-provider", body)
        body = await recorder.call(f"{sdk}.get_templates", "GET", f"{path}/templates")
        await recorder.call(f"{sdk}.set_templates", "PUT", f"{path}/templates", body)
    body = await recorder.call("guardian.policies.list", "GET", f"{_V2}/guardian/policies")
    await recorder.call("guardian.policies.set", "PUT", f"{_V2}/guardian/policies", body)
    for name in ("brute-force-protection", "breached-password-detection", "suspicious-ip-throttling"):
        sdk = f"attack_protection.{name.replace('-', '_')}"
        body = await recorder.call(f"{sdk}.get", "GET", f"{_ATTACK}/{name}")
        await recorder.call(f"{sdk}.update", "PATCH", f"{_ATTACK}/{name}", body)
    sdk, path = "attack_protection.phone_provider_protection", f"{_ATTACK}/phone-provider-protection"
    body = await recorder.call(f"{sdk}.get", "GET", path)
    await recorder.call(f"{sdk}.patch", "PATCH", path, body)
    await recorder.call("tenants.settings.get", "GET", f"{_V2}/tenants/settings")
    for provider in ("custom", "twilio", None):
        await recorder.visitor.switch(tenant_phone_provider=provider)
        await recorder.call("branding.phone.providers.list", "GET", f"{_V2}/branding/phone/providers")


async def _applications(recorder: Recorder) -> None:
    clients, grants = f"{_V2}/clients", f"{_V2}/client-grants"
    public = {"name": "Public", "token_endpoint_auth_method": "none", "app_type": "spa", "description": "x"}
    for new in ({"name": "Pipeline"}, public):
        client_id = (await recorder.call("clients.create", "POST", clients, new))["client_id"]
        path, named = f"{clients}/{{client_id}}", {"client_id": client_id}
        await recorder.call("clients.update", "PATCH", path, {"name": "Other"}, **named)
        await recorder.call("clients.get", "GET", path, **named)
    await recorder.listed("clients.list", clients)
    audience = recorder.visitor.mfa_audience.replace("/mfa/", "/api/v2/")
    new_grant = {"client_id": client_id, "audience": audience, "scope": ["read:users"]}
    grant_id = (await recorder.call("client_grants.create", "POST", grants, new_grant))["id"]
    path, named = f"{grants}/{{grant_id}}", {"grant_id": grant_id}
    await recorder.call("client_grants.update", "PATCH", path, {"scope": ["read:logs"]}, **named)
    await recorder.call("client_grants.get", "GET", path, **named)
    await recorder.listed("client_grants.list", grants, query="take=1")


async def _logs(recorder: Recorder) -> None:
    """Events of every kind that the tenant has seen by now, and of a message that failed."""
    visitor = recorder.visitor
    person = await visitor.person()
    await visitor.message_fault("fail", code="30006")
    await visitor.associate(await visitor.mfa_token(person), person.number)
    for line in await recorder.listed("logs.list", f"{_V2}/logs"):
        await recorder.call("logs.get", "GET", f"{_V2}/logs/{{log_id}}", log_id=line["log_id"])
    await recorder.listed("users.logs.list", f"{_USER}/logs", user_id=person.user_id)
