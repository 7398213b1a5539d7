"""Tenant-level calls of the Management API beside section 2.10: factors, policies, phone, tickets, attack protection.

Recorded in the cassettes of go-auth0 v1.45.0: `TestGuardian`, `TestAttackProtection`, `TestClientGrantManager`,
`TestOrganizationManager_ClientGrantsWithOrg`, `TestClient_Create`, `TestClient_Delete` and `TestClient_List`, and of
terraform-provider-auth0: `TestAccDataSourceClientGrants`, `TestAccDataSourceClientNonexistentID`. What is documented is
from the OpenAPI description of the API (docs-v2, commit 7025885d).
"""

import re

import httpx

from emulator.tests.facts.facts_row import TOO_MANY_SMS, UTF8, Answer, Fact, Scene, mfa
from emulator.tests.facts.facts_stage import PHONE, Stage

_BRUTE_FORCE = "attack-protection/brute-force-protection"
_BREACHED = "attack-protection/breached-password-detection"
_SUSPICIOUS = "attack-protection/suspicious-ip-throttling"
_PHONE_PROTECTION = "attack-protection/phone-provider-protection"
_PROVIDER = "guardian/factors/phone/selected-provider"
_TEMPLATES = {"enrollment_message": "enroll {{code}}", "verification_message": "verify {{ code }}"}
_NUMBER, _MASKED = "+12025558730", "XXXXXXXX8730"
_FACTORS = ("sms", "push-notification", "otp", "email", "duo", "webauthn-roaming", "webauthn-platform", "recovery-code")
_ALL_OFF = ",".join(f'{{"name":"{name}","enabled":false,"trial_expired":false}}' for name in _FACTORS)
_OFF = dict.fromkeys(("phone_factor", "push_factor", "otp_factor", "email_factor", "recovery_codes"), False)
_NOT_FOUND = (
    '{"statusCode":404,"error":"Not Found","message":"Enrollment not found","errorCode":"enrollment_not_found"}'
)
_NO_GRANT = (
    '{"statusCode":404,"error":"Not Found","message":"The grant does not exist.","errorCode":"inexistent_client_grant"}'
)
_NO_CLIENT = (
    '{"statusCode":404,"error":"Not Found","message":"The client does not exist","errorCode":"inexistent_client"}'
)
_GRANTED = (
    '{"statusCode":409,"error":"Conflict","message":"A resource server with the same identifier already exists."}'
)
_DEPRECATED = (
    '{"statusCode":403,"error":"Forbidden","message":"Insufficient privileges to use this deprecated feature. '
    'To handle Phone Provider/Templates refer to Tenant Phone Settings"}'
)
_SUSPICIOUS_SHOWN = (
    '{"enabled":true,"shields":["block","admin_notification"],"allowlist":["127.0.0.1"],"stage":{'
    '"pre-login":{"max_attempts":100,"rate":864000},"pre-user-registration":{"max_attempts":50,"rate":1200},'
    '"pre-custom-token-exchange":{"max_attempts":10,"rate":600000}}}'
)


def get(path: str) -> Scene:
    return lambda stage: stage.visitor.manage("GET", path)


def change(method: str, path: str, body: object) -> Scene:
    return lambda stage: stage.visitor.manage(method, path, body)


def then(first: Scene, second: Scene) -> Scene:
    """The answer of the second call."""

    async def both(stage: Stage) -> httpx.Response:
        await first(stage)
        return await second(stage)

    return both


async def ticket(stage: Stage) -> httpx.Response:
    how = {"factor": "push-notification", "allow_multiple_enrollments": True}
    body = {"user_id": stage.person.user_id, "email": "jon@example.com", **how}
    return await stage.visitor.manage("POST", "guardian/enrollments/ticket", body)


async def ticketed(stage: Stage, *, after: float = 0, again: bool = False) -> httpx.Response:
    """Enroll a phone by ticket, and with `again` a second one. Returns the user's methods."""
    body = {"user_id": stage.person.user_id, "allow_multiple_enrollments": True}
    ticket = (await stage.visitor.manage("POST", "guardian/enrollments/ticket", body)).json()["ticket_id"]
    await stage.visitor.advance(after)
    for number in (_NUMBER, stage.person.number) if again else (_NUMBER,):
        sent = await stage.http.post("/mfa/enrollment", data={"ticket": ticket, "phone_number": number})
        step = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', sent.text))
        if step:
            code = await stage.visitor.code(number)
            await stage.http.post("/mfa/enrollment", data=step | {"code": code})
    methods = f"users/{stage.person.user_id}/authentication-methods"
    shown = await stage.visitor.manage("GET", methods)
    phones = [one for one in shown.json() if one["type"] == "phone"]
    assert [one["phone_number"] for one in phones] == ([_MASKED] if phones else [])
    return await stage.visitor.manage("GET", f"users/{stage.person.user_id}/enrollments")


async def mailed(stage: Stage) -> httpx.Response:
    body = {"user_id": stage.person.user_id, "send_mail": True}
    ticket = await stage.visitor.manage("POST", "guardian/enrollments/ticket", body)
    (mail,) = await stage.visitor.messages(stage.person.email)
    assert ticket.json()["ticket_url"] in mail["text"]
    return ticket


async def pending(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.visitor.manage("GET", f"users/{stage.person.user_id}/enrollments")


async def grant(stage: Stage) -> httpx.Response:
    audience = f"{stage.http.base_url}".rstrip("/") + "/api/v2/"
    body = {"client_id": "emulator-client", "audience": audience, "scope": ["read:users"]}
    return await stage.visitor.manage("POST", "client-grants", body)


async def registered(stage: Stage) -> str:
    """Create an application without saying which grants it has. Returns its path."""
    made = await stage.visitor.manage("POST", "clients", {"name": "Test Client"})
    assert made.status_code == 201
    assert made.json()["client_secret"]
    return f"clients/{made.json()['client_id']}"


async def default_grants(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", f"{await registered(stage)}?fields=name,grant_types")


async def unregistered(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("DELETE", await registered(stage))


async def unregistered_twice(stage: Stage) -> httpx.Response:
    path = await registered(stage)
    await stage.visitor.manage("DELETE", path)
    return await stage.visitor.manage("DELETE", path)


async def granted_twice(stage: Stage) -> httpx.Response:
    await grant(stage)
    return await grant(stage)


async def grants_by_checkpoint(stage: Stage, query: str) -> httpx.Response:
    await grant(stage)
    return await stage.visitor.manage("GET", f"client-grants?{query}")


async def grant_listed(stage: Stage) -> httpx.Response:
    await grant(stage)
    path = "client-grants?client_id=emulator-client&include_totals=true&per_page=50"
    return await stage.visitor.manage("GET", path)


async def messages(stage: Stage, *, seconds_apart: float, count: int) -> httpx.Response:
    """The answer to the last of some challenges."""
    answer = await stage.challenge()
    for _ in range(count - 1):
        await stage.visitor.advance(seconds_apart)
        answer = await stage.challenge()
    return answer


async def after_waits(stage: Stage, *, short_by: float) -> httpx.Response:
    """Nine challenges, each after the wait before it: three at once, then 1, 2, 4, 8, 16 and 32 minutes."""
    answer = await messages(stage, seconds_apart=0, count=3)
    for minutes in (1, 2, 4, 8, 16, 32):
        await stage.visitor.advance(minutes * 60 - (short_by if minutes == 32 else 0))
        answer = await (await stage.again()).challenge()
    return answer


_NOW = "2027-01-15T08:00:00.000Z"
_LATER = "2027-01-20T07:59:59.000Z"
_TICKET = '{"ticket_id":"<TRANSACTION a>","ticket_url":"<ISSUER>mfa/enrollment?ticket=<TRANSACTION a>"}'


def _enrolled(at: str) -> str:
    return (
        f'[{{"id":"<DEVICE a>","status":"confirmed","type":"sms","name":"{_MASKED}","phone_number":"{_MASKED}",'
        f'"enrolled_at":"{at}","auth_method":"sms"}}]'
    )


_EXPONENTIAL = {"phone_protection": "exponential"}
_GRANT = '{"id":"<GRANT>","client_id":"emulator-client","audience":"<ISSUER>api/v2/","scope":["read:users"],'
_GRANT += '"subject_type":"client"}'
_CHALLENGED = mfa('{"challenge_type":"oob","oob_code":"<SEAL 620>","binding_method":"prompt"}')

FACTS = [
    Fact("2.10", "R", "factors are listed in this order", get("guardian/factors"),
         Answer(200, f"[{_ALL_OFF}]", UTF8), switches=_OFF),
    Fact("2.10", "R", "a policy is a name in an array", get("guardian/policies"),
         Answer(200, '["all-applications"]', UTF8)),
    Fact("2.10", "R", "no policy is an empty array", change("PUT", "guardian/policies", []), Answer(200, "[]", UTF8)),
    Fact("2.10", "R", "message types may be none", change("PUT", "guardian/factors/phone/message-types", {
        "message_types": []}), Answer(200, '{"message_types":[]}', UTF8)),
    Fact("2.10", "R", "the provider of messages is Twilio at first", get(_PROVIDER),
         Answer(200, '{"provider":"twilio"}', UTF8)),
    Fact("2.10", "R", "another provider can be selected", change("PUT", _PROVIDER, {"provider": "phone-message-hook"}),
         Answer(200, '{"provider":"phone-message-hook"}', UTF8)),
    Fact("2.10", "T", "newer tenants forbid the legacy calls of the phone provider", get(_PROVIDER),
         Answer(403, _DEPRECATED, UTF8), switches={"phone_consolidated_experience": True}),
    Fact("2.10", "T", "but still answer for message types", get("guardian/factors/phone/message-types"),
         Answer(200, '{"message_types":["sms","voice"]}', UTF8), switches={"phone_consolidated_experience": True}),
    Fact("2.10", "D", "texts begin with the code at first", get("guardian/factors/phone/templates"), Answer(
        200, '{"enrollment_message":"{{code}} is your verification code for {{tenant.friendly_name}}. '
             'Please enter this code to verify your enrollment.",'
             '"verification_message":"{{code}} is your verification code for {{tenant.friendly_name}}"}', UTF8)),
    Fact("2.10", "R", "templates are returned as given",
         then(change("PUT", "guardian/factors/sms/templates", _TEMPLATES), get("guardian/factors/phone/templates")),
         Answer(200, '{"enrollment_message":"enroll {{code}}","verification_message":"verify {{ code }}"}', UTF8)),
    Fact("2.10", "R", "a ticket has an id and a page", ticket, Answer(200, _TICKET, UTF8)),
    Fact("2.10", "D", "a ticket may be sent to the user", mailed, Answer(200, _TICKET, UTF8)),
    Fact("2.10", "D", "the page of a ticket enrolls a phone", ticketed, Answer(200, _enrolled(_NOW), UTF8)),
    Fact("2.10", "D", "a ticket enrolls once", lambda stage: ticketed(stage, again=True),
         Answer(200, _enrolled(_NOW), UTF8)),
    Fact("2.10", "D", "a ticket is good for five days", lambda stage: ticketed(stage, after=5 * 86_400 - 1),
         Answer(200, _enrolled(_LATER), UTF8)),
    Fact("2.10", "D", "a ticket is good no longer", lambda stage: ticketed(stage, after=5 * 86_400),
         Answer(200, "[]", UTF8)),
    Fact("2.10", "D", "an enrollment may be pending", pending, Answer(
        200, '[{"id":"<DEVICE a>","status":"pending","type":"sms","name":"XXXXXXXXX9167",'
             '"phone_number":"XXXXXXXXX9167","auth_method":"sms"}]', UTF8)),
    Fact("2.10", "R", "an unknown enrollment is not found", get("guardian/enrollments/dev_0000000000000001"),
         Answer(404, _NOT_FOUND, UTF8)),
    Fact("2.10", "R", "and cannot be deleted", change("DELETE", "guardian/enrollments/dev_0000000000000001", None),
         Answer(404, _NOT_FOUND, UTF8)),
    Fact("2.10", "R", "brute-force protection is changed by its members",
         then(change("PATCH", _BRUTE_FORCE, {"shields": ["user_notification", "block"], "allowlist": ["127.0.0.1"],
                                             "mode": "count_per_identifier", "max_attempts": 1}),
              change("PATCH", _BRUTE_FORCE, {"enabled": True, "max_attempts": 10})),
         Answer(200, '{"enabled":true,"shields":["user_notification","block"],"mode":"count_per_identifier",'
                     '"allowlist":["127.0.0.1"],"max_attempts":10}', UTF8)),
    Fact("2.10", "R", "detection of breached passwords is changed by its members",
         change("PATCH", _BREACHED, {"enabled": True, "shields": ["block"], "method": "standard", "stage": {
             "pre-change-password": {"shields": ["block"]}, "pre-user-registration": {"shields": ["block"]}}}),
         Answer(200, '{"enabled":true,"shields":["block"],"admin_notification_frequency":[],"method":"standard",'
                     '"stage":{"pre-user-registration":{"shields":["block"]},"pre-change-password":{"shields":["block"]'
                     "}}}", UTF8)),
    Fact("2.10", "R", "throttling of suspicious addresses is changed by its members",
         change("PATCH", _SUSPICIOUS, {"allowlist": ["127.0.0.1"], "stage": {
             "pre-login": {"max_attempts": 100, "rate": 864000}}}), Answer(200, _SUSPICIOUS_SHOWN, UTF8)),
    Fact("2.10", "D", "at first ten wrong passwords of one address block a user", get(_BRUTE_FORCE), Answer(
        200, '{"enabled":true,"shields":["block","user_notification"],"mode":"count_per_identifier_and_ip",'
             '"allowlist":[],"max_attempts":10}', UTF8)),
    Fact("2.10", "D", "at first breached passwords are not looked for", get(_BREACHED), Answer(
        200, '{"enabled":false,"shields":[],"admin_notification_frequency":[],"method":"standard","stage":{'
             '"pre-user-registration":{"shields":[]},"pre-change-password":{"shields":[]}}}', UTF8)),
    Fact("2.10", "D", "at first suspicious addresses are throttled", get(_SUSPICIOUS),
         Answer(200, _SUSPICIOUS_SHOWN.replace('["127.0.0.1"]', "[]"), UTF8)),
    Fact("2.10", "D", "phone protection is the flat budget at first", get(_PHONE_PROTECTION),
         Answer(200, '{"type":"default"}', UTF8)),
    Fact("2.10", "D", "phone protection has a type", change("PATCH", _PHONE_PROTECTION, {"type": "exponential"}),
         Answer(200, '{"type":"exponential"}', UTF8)),
    Fact("2.10", "R", "an application has four grants at first", default_grants, Answer(
        200, '{"name":"Test Client","grant_types":["authorization_code","implicit","refresh_token",'
             '"client_credentials"]}', UTF8)),
    Fact("2.10", "R", "an application can be deleted", unregistered, Answer(204, "", UTF8)),
    Fact("2.10", "R", "a deleted application can be deleted again", unregistered_twice, Answer(204, "", UTF8)),
    Fact("2.10", "R", "an unknown application is not found", get("clients/this-client-does-not-exist"),
         Answer(404, _NO_CLIENT, UTF8)),
    Fact("2.10", "R", "applications have totals and name their tenant",
         get("clients?fields=client_id&include_fields=true&include_totals=true&per_page=1"), Answer(
        200, '{"total":3,"start":0,"limit":1,"clients":[{"tenant":"emulator","client_id":"emulator-client"}]}', UTF8)),
    Fact("2.10", "D", "an application has one grant for an API", granted_twice, Answer(409, _GRANTED, UTF8)),
    Fact("2.10", "R", "grants after a checkpoint have no totals", lambda stage: grants_by_checkpoint(
        stage, "client_id=emulator-client&include_totals=true&per_page=50&take=100"),
        Answer(200, f'{{"client_grants":[{_GRANT}]}}', UTF8)),
    Fact("2.10", "D", "and name the next checkpoint if there is one",
         lambda stage: grants_by_checkpoint(stage, "take=1"),
         Answer(200, f'{{"client_grants":[{_GRANT}],"next":"<GRANT>"}}', UTF8)),
    Fact("2.10", "R", "a grant is shown with its scopes", grant, Answer(201, _GRANT, UTF8)),
    Fact("2.10", "R", "grants have totals", grant_listed,
         Answer(200, f'{{"total":1,"start":0,"limit":50,"client_grants":[{_GRANT}]}}', UTF8)),
    Fact("2.10", "R", "an unknown grant is not found", get("client-grants/cgr_0000000000000000"),
         Answer(404, _NO_GRANT, UTF8)),
    Fact("2.10", "R", "an unknown grant is gone already", change("DELETE", "client-grants/cgr_0000000000000000", None),
         Answer(204, "", UTF8)),
    Fact("4", "D", "growing waits let some messages go out at once",
         lambda stage: messages(stage, seconds_apart=0, count=3), _CHALLENGED, has=[PHONE], switches=_EXPONENTIAL),
    Fact("4", "D", "then the next must wait", lambda stage: messages(stage, seconds_apart=0, count=4), TOO_MANY_SMS,
         has=[PHONE], switches=_EXPONENTIAL),
    Fact("4", "D", "the waits grow from one to thirty-two minutes", lambda stage: after_waits(stage, short_by=1),
         TOO_MANY_SMS, has=[PHONE], switches=_EXPONENTIAL),
    Fact("4", "D", "and go no further", lambda stage: after_waits(stage, short_by=0),
         mfa('{"challenge_type":"oob","oob_code":"<SEAL 620 4380>","binding_method":"prompt"}'),
         has=[PHONE], switches=_EXPONENTIAL),
]  # fmt: skip
