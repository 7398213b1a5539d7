"""auth0-python's Management API client, as published, does its journeys at the emulator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from auth0.management import Auth0, ManagementClient
from auth0.management.core.api_error import ApiError
from auth0.management.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    TooManyRequestsError,
    UnauthorizedError,
)

from emulator.tests.secured import Secured
from emulator.tests.visitor import PASSWORD, Visitor

CONNECTION = "Username-Password-Authentication"
NUMBER = "+442071838750"


@pytest.fixture
def sdk_http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
async def management(visitor: Visitor, address: str, sdk_http: httpx.Client) -> Auth0:
    token = await visitor.management_token()
    return Auth0(base_url=f"{address}/api/v2", token=token, httpx_client=sdk_http)


def new_user(management: Auth0, email: str = "chuck334@example.com", **more: Any) -> str:
    created = management.users.create(connection=CONNECTION, email=email, password=PASSWORD, **more)
    return str(created.user_id)


def refused(wanted: pytest.ExceptionInfo[ApiError]) -> tuple[int | None, str]:
    return wanted.value.status_code, wanted.value.body["errorCode"]


async def test_auth0_python_creates_finds_changes_and_deletes_a_user(management: Auth0) -> None:
    user_id = new_user(management, given_name="Chuck", user_metadata={"a": 1}, app_metadata={"plan": "free"})
    shown = management.users.get(user_id)
    assert (shown.email, shown.given_name, shown.nickname) == ("chuck334@example.com", "Chuck", "chuck334")
    assert shown.identities
    assert (shown.identities[0].connection, shown.identities[0].provider) == (CONNECTION, "auth0")
    assert [one.user_id for one in management.users.list_users_by_email(email="chuck334@example.com")] == [user_id]
    assert [one.user_id for one in management.users.list(q='email:"chuck334@example.com"')] == [user_id]
    assert list(management.users.list(q="app_metadata.plan:gold OR given_name:Ada*")) == []
    changed = management.users.update(
        user_id, email="chuck@example.org", user_metadata={"b": 2}, app_metadata={"plan": None}
    )
    assert (changed.email, changed.user_metadata, changed.app_metadata) == ("chuck@example.org", {"a": 1, "b": 2}, None)
    assert management.users.list_users_by_email(email="chuck334@example.com") == []
    management.users.delete(user_id)
    with pytest.raises(ApiError) as gone:
        management.users.get(user_id)
    assert refused(gone) == (404, "inexistent_user")


async def test_auth0_python_pages_through_users_to_their_end(management: Auth0) -> None:
    made = [new_user(management, f"person{number}@example.com") for number in range(5)]
    assert [one.user_id for one in management.users.list(per_page=2)] == made


async def test_auth0_python_is_told_of_a_second_user_with_the_address(management: Auth0) -> None:
    new_user(management)
    with pytest.raises(ApiError) as second:
        new_user(management)
    assert refused(second) == (409, "auth0_idp_error")


async def test_auth0_python_creates_changes_and_deletes_methods(management: Auth0, visitor: Visitor) -> None:
    user_id, methods = new_user(management), management.users.authentication_methods
    assert list(methods.list(user_id)) == []
    email = methods.create(user_id, type="email", name="Test", email="chuck334@example.com")
    phone = methods.create(user_id, type="phone", phone_number=NUMBER, preferred_authentication_method="sms")
    codes = methods.create(user_id, type="totp", totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", name="App")
    assert (email.email, phone.phone_number) == ("chuc****@exam*******", "XXXXXXXXX8750")
    listed = list(methods.list(user_id, per_page=1))
    assert [(one.id, one.confirmed) for one in listed] == [(email.id, True), (codes.id, True), (phone.id, True)]
    assert all(isinstance(one.created_at, datetime) and one.created_at.tzinfo == UTC for one in listed)
    assert methods.update(user_id, email.id or "", name="Mail").name == "Mail"
    assert methods.update(user_id, phone.id or "", preferred_authentication_method="voice").name is None
    assert methods.get(user_id, phone.id or "").preferred_authentication_method == "voice"
    bare = (await visitor.manage("GET", f"users/{user_id}/authentication-methods")).json()
    assert [one["id"] for one in bare] == [one.id for one in listed]
    methods.delete(user_id, codes.id or "")
    methods.delete_all(user_id)
    assert list(methods.list(user_id)) == []


async def test_auth0_python_replaces_methods(management: Auth0) -> None:
    user_id, methods = new_user(management), management.users.authentication_methods
    methods.create(user_id, type="email", email="chuck334@example.com")
    answered = methods.set(
        user_id,
        request=[{"type": "phone", "name": "Mine", "phone_number": NUMBER}],
    )
    assert [(one.name, one.phone_number) for one in answered] == [("Mine", NUMBER)]
    assert [one.phone_number for one in methods.list(user_id)] == ["XXXXXXXXX8750"]


async def test_auth0_python_sees_what_a_user_enrolled(management: Auth0, visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    _, phone = management.users.authentication_methods.list(person.user_id)
    assert phone.authentication_methods
    assert [one.type for one in phone.authentication_methods] == ["sms", "voice"]
    assert phone.last_auth_at
    (enrollment,) = management.users.enrollments.get(person.user_id)
    assert (enrollment.status, enrollment.auth_method) == ("confirmed", "sms")
    device = enrollment.id or ""
    assert phone.id == f"phone|{device}"
    assert management.guardian.enrollments.get(device).phone_number == enrollment.phone_number
    management.guardian.enrollments.delete(device)
    with pytest.raises(ApiError) as unknown:
        management.guardian.enrollments.get(device)
    assert refused(unknown) == (404, "enrollment_not_found")
    await visitor.enroll(person)
    new_code = management.users.regenerate_recovery_code(person.user_id).recovery_code
    assert len(new_code or "") == 24
    management.users.authenticators.delete_all(person.user_id)
    assert list(management.users.authentication_methods.list(person.user_id)) == []


async def test_auth0_python_gets_a_ticket_that_the_mailbox_receives(management: Auth0, visitor: Visitor) -> None:
    person = await visitor.person()
    ticket = management.guardian.enrollments.create_ticket(user_id=person.user_id, send_mail=True, factor="phone")
    assert ticket.ticket_url == f"{visitor.http.base_url}/mfa/enrollment?ticket={ticket.ticket_id}"
    (mail,) = await visitor.messages(person.email)
    assert (mail["channel"], mail["code"]) == ("email", None)
    assert ticket.ticket_url in mail["text"]


async def test_auth0_python_reads_and_changes_the_tenants_mfa(management: Auth0, visitor: Visitor) -> None:
    guardian, phone = management.guardian, management.guardian.factors.phone
    assert {one.name for one in guardian.factors.list() if not one.enabled} == {
        *("duo", "webauthn-roaming", "webauthn-platform")
    }
    assert guardian.factors.set("otp", enabled=False).enabled is False
    assert phone.get_message_types().message_types == ["sms", "voice"]
    assert phone.set_message_types(message_types=["sms"]).message_types == ["sms"]
    assert phone.set_provider(provider="auth0").provider == phone.get_selected_provider().provider == "auth0"
    assert guardian.policies.list() == ["all-applications"]
    assert guardian.policies.set(request=[]) == []
    changed = await visitor.control("GET", "tenant")
    assert (changed["otp_factor"], changed["channels"], changed["mfa_required"]) == (False, ["sms"], False)


async def test_auth0_python_sets_the_text_of_a_message(management: Auth0, visitor: Visitor) -> None:
    phone = management.guardian.factors.phone
    assert phone.get_templates().verification_message.startswith("{{code}}")
    phone.set_templates(enrollment_message="{{ code }} from {{tenant.friendly_name}}!", verification_message="x")
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    (message,) = await visitor.messages(person.number)
    assert message["text"] == f"{message['code']} from Emulated Tenant!"


async def test_auth0_python_reads_and_changes_attack_protection(management: Auth0, visitor: Visitor) -> None:
    attack = management.attack_protection
    assert attack.phone_provider_protection.patch(type="exponential").type == "exponential"
    assert attack.phone_provider_protection.get().type == "exponential"
    assert attack.brute_force_protection.update(max_attempts=3).max_attempts == 3
    assert attack.brute_force_protection.update(enabled=False).enabled is False
    assert (await visitor.control("GET", "tenant"))["brute_force_attempts"] is None
    assert attack.brute_force_protection.update(enabled=True).max_attempts == 3
    assert attack.breached_password_detection.update(enabled=True, shields=["block"]).shields == ["block"]
    assert attack.suspicious_ip_throttling.update(allowlist=["127.0.0.1"]).allowlist == ["127.0.0.1"]


async def test_auth0_python_registers_an_application_that_may_manage(management: Auth0, visitor: Visitor) -> None:
    audience = f"{visitor.http.base_url}/api/v2/"
    client = management.clients.create(name="Pipeline", grant_types=["client_credentials"])
    grant = management.client_grants.create(client_id=client.client_id, audience=audience, scope=["read:logs"])
    assert client.client_id in [one.client_id for one in management.client_grants.list(take=1)]
    asked = {"client_id": client.client_id, "client_secret": client.client_secret, "audience": audience}
    answer = await visitor.http.post("/oauth/token", json=asked | {"grant_type": "client_credentials"})
    assert answer.json()["scope"] == "read:logs"
    assert management.client_grants.update(grant.id or "", scope=["read:users"]).scope == ["read:users"]
    management.client_grants.delete(grant.id or "")
    management.clients.delete(client.client_id or "")
    assert client.client_id not in [one.client_id for one in management.clients.list()]


async def test_auth0_python_pulls_the_log_of_a_failed_message(management: Auth0, visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.message_fault("fail", code="30006")
    await visitor.associate(token, person.number)
    newest = list(management.logs.list(per_page=2, search=f'user_id:"{person.user_id}"'))
    assert [line.type for line in newest] == ["gd_start_enroll", "gd_send_sms_failure", "mfar"]
    line = management.logs.get(newest[1].log_id or "")
    assert (line.user_name, line.client_name, line.description) == (person.email, "Emulator Client", "Send SMS Failure")
    assert line.details
    assert line.details["failure_details"] == {"errorCode": "error_sending_sms", "error": {"code": "30006"}}
    assert [one.type for one in management.users.logs.list(person.user_id)] == [one.type for one in newest]


async def test_auth0_python_raises_what_the_api_refuses(
    management: Auth0, visitor: Visitor, sdk_http: httpx.Client
) -> None:
    address = f"{visitor.http.base_url}/api/v2"
    poor = Auth0(base_url=address, token=await visitor.management_token("read:users"), httpx_client=sdk_http)
    foreign = Auth0(base_url=address, token="not.a.token", httpx_client=sdk_http)
    new_user(management)
    refusals: list[tuple[type[ApiError], str | None, Callable[[], object]]] = [
        (BadRequestError, "invalid_body", lambda: new_user(management, "nobody")),
        (UnauthorizedError, None, lambda: foreign.users.get("auth0|x")),
        (ForbiddenError, "insufficient_scope", lambda: poor.logs.get("1")),
        (NotFoundError, "inexistent_user", lambda: management.users.get("auth0|x")),
        (ConflictError, "auth0_idp_error", lambda: new_user(management)),
    ]
    for kind, code, call in refusals:
        with pytest.raises(kind) as raised:
            call()
        assert raised.value.body.get("errorCode") == code


async def test_auth0_python_learns_of_the_rate_limit(management: Auth0, visitor: Visitor) -> None:
    await visitor.switch(management_rate_limit={"burst": 1, "per_seconds": 60})
    users = management.users.with_raw_response
    headers = users.list_users_by_email(email="ada@example.com").headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("1", "0")
    with pytest.raises(TooManyRequestsError) as limited:
        users.list_users_by_email(email="ada@example.com", request_options={"max_retries": 0})
    assert limited.value.body["errorCode"] == "too_many_requests"
    assert (limited.value.headers or {})["x-ratelimit-reset"].isdigit()


def test_auth0_python_gets_its_own_token_over_https(fresh: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(fresh.authority))
    monkeypatch.setenv("NO_PROXY", "localhost")
    manager: dict[str, Any] = {"client_id": "management-client", "client_secret": "management-secret"}
    with httpx.Client() as http:
        management = ManagementClient(domain=fresh.domain, httpx_client=http, **manager)
        created = management.users.create(connection=CONNECTION, email="ada@example.com", password=PASSWORD)
        assert [one.user_id for one in management.users.list()] == [created.user_id]
