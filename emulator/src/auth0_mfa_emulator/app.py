"""Routes of the emulator, and the mapping of refusals to responses."""

from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth0_mfa_emulator.authentication_api import (
    authenticators,
    challenge,
    device_authorization,
    discovery,
    enrollment,
    grants,
    revocation,
    userinfo,
)
from auth0_mfa_emulator.control_plane import clock, control, faults, messages, pages, stream
from auth0_mfa_emulator.control_plane import users as control_users
from auth0_mfa_emulator.enrollment_page import page as enrollment_page
from auth0_mfa_emulator.management_api import (
    attack_protection,
    authentication_methods,
    client_grants,
    client_registration,
    clients_and_factors,
    enrollments,
    logs,
    phone_factor,
    policies,
    tenant_phone,
    users,
)
from auth0_mfa_emulator.serving.middleware import EmulatorMiddleware
from auth0_mfa_emulator.tenant.refusals import Refusal
from auth0_mfa_emulator.universal_login import authorize, device_activation, logout, screens

from . import errors, wire
from .state import Emulator, emulator_of

AUTHENTICATION_API = [
    Route("/oauth/token", grants.token, methods=["POST"]),
    Route("/oauth/revoke", revocation.revoke, methods=["POST"]),
    Route("/oauth/device/code", device_authorization.authorize_device, methods=["POST"]),
    Route("/userinfo", userinfo.userinfo, methods=["GET", "POST"]),
    Route("/mfa/associate", enrollment.associate, methods=["POST"]),
    Route("/mfa/authenticators", authenticators.list_authenticators, methods=["GET"]),
    Route("/mfa/authenticators/{authenticator_id}", authenticators.remove_authenticator, methods=["DELETE"]),
    Route("/mfa/challenge", challenge.challenge, methods=["POST"]),
    Route("/.well-known/openid-configuration", discovery.openid_configuration, methods=["GET"]),
    Route("/.well-known/oauth-authorization-server", discovery.openid_configuration, methods=["GET"]),
    Route("/.well-known/jwks.json", discovery.jwks, methods=["GET"]),
]
_USER = "/api/v2/users/{user_id}"
_METHODS = f"{_USER}/authentication-methods"
MANAGEMENT_API = [
    Route("/api/v2/clients", clients_and_factors.list_clients, methods=["GET"]),
    Route("/api/v2/clients/{client_id}", clients_and_factors.get_client, methods=["GET"]),
    Route("/api/v2/clients/{client_id}", clients_and_factors.patch_client, methods=["PATCH"]),
    Route("/api/v2/clients", client_registration.create_client, methods=["POST"]),
    Route("/api/v2/clients/{client_id}", client_registration.delete_client, methods=["DELETE"]),
    Route("/api/v2/client-grants", client_grants.list_grants, methods=["GET"]),
    Route("/api/v2/client-grants", client_grants.create_grant, methods=["POST"]),
    Route("/api/v2/client-grants/{grant_id}", client_grants.get_grant, methods=["GET"]),
    Route("/api/v2/client-grants/{grant_id}", client_grants.patch_grant, methods=["PATCH"]),
    Route("/api/v2/client-grants/{grant_id}", client_grants.delete_grant, methods=["DELETE"]),
    Route("/api/v2/guardian/factors", clients_and_factors.list_factors, methods=["GET"]),
    Route("/api/v2/guardian/factors/phone/message-types", clients_and_factors.get_message_types, methods=["GET"]),
    Route("/api/v2/guardian/factors/phone/message-types", clients_and_factors.put_message_types, methods=["PUT"]),
    *(
        Route(f"/api/v2/guardian/factors/{name}/{path}", endpoint, methods=[method])
        for name in ("phone", "sms")
        for path, method, endpoint in (
            ("selected-provider", "GET", phone_factor.get_provider),
            ("selected-provider", "PUT", phone_factor.put_provider),
            ("templates", "GET", phone_factor.get_templates),
            ("templates", "PUT", phone_factor.put_templates),
        )
    ),
    Route("/api/v2/guardian/factors/{name}", clients_and_factors.put_factor, methods=["PUT"]),
    Route("/api/v2/guardian/policies", policies.get_policies, methods=["GET"]),
    Route("/api/v2/guardian/policies", policies.put_policies, methods=["PUT"]),
    Route("/api/v2/guardian/enrollments/ticket", enrollments.create_ticket, methods=["POST"]),
    Route("/api/v2/guardian/enrollments/{enrollment_id}", enrollments.get_enrollment, methods=["GET"]),
    Route("/api/v2/guardian/enrollments/{enrollment_id}", enrollments.delete_enrollment, methods=["DELETE"]),
    *(
        Route(f"/api/v2/attack-protection/{path}", endpoint, methods=[method])
        for path, method, endpoint in (
            ("brute-force-protection", "GET", attack_protection.get_brute_force),
            ("brute-force-protection", "PATCH", attack_protection.patch_brute_force),
            ("breached-password-detection", "GET", attack_protection.get_breached_passwords),
            ("breached-password-detection", "PATCH", attack_protection.patch_breached_passwords),
            ("suspicious-ip-throttling", "GET", attack_protection.get_suspicious_ips),
            ("suspicious-ip-throttling", "PATCH", attack_protection.patch_suspicious_ips),
            ("phone-provider-protection", "GET", attack_protection.get_phone_provider),
            ("phone-provider-protection", "PATCH", attack_protection.patch_phone_provider),
        )
    ),
    Route("/api/v2/tenants/settings", tenant_phone.get_settings, methods=["GET"]),
    Route("/api/v2/branding/phone/providers", tenant_phone.list_providers, methods=["GET"]),
    Route("/api/v2/logs", logs.list_logs, methods=["GET"]),
    Route("/api/v2/logs/{log_id}", logs.get_log, methods=["GET"]),
    Route("/api/v2/users", users.list_users, methods=["GET"]),
    Route("/api/v2/users", users.create_user, methods=["POST"]),
    Route("/api/v2/users-by-email", users.list_users_by_email, methods=["GET"]),
    Route(_USER, users.get_user, methods=["GET"]),
    Route(_USER, users.patch_user, methods=["PATCH"]),
    Route(_USER, users.delete_user, methods=["DELETE"]),
    Route(f"{_USER}/authenticators", authentication_methods.delete_authenticators, methods=["DELETE"]),
    Route(f"{_USER}/enrollments", enrollments.list_enrollments, methods=["GET"]),
    Route(f"{_USER}/logs", logs.list_user_logs, methods=["GET"]),
    Route(_METHODS, authentication_methods.replace_methods, methods=["PUT"]),
    Route(f"{_METHODS}/{{method_id}}", authentication_methods.patch_method, methods=["PATCH"]),
    Route(_METHODS, authentication_methods.list_methods, methods=["GET"]),
    Route(_METHODS, authentication_methods.create_method, methods=["POST"]),
    Route(_METHODS, authentication_methods.delete_methods, methods=["DELETE"]),
    Route(f"{_METHODS}/{{method_id}}", authentication_methods.get_method, methods=["GET"]),
    Route(f"{_METHODS}/{{method_id}}", authentication_methods.delete_method, methods=["DELETE"]),
    Route(f"{_USER}/recovery-code-regeneration", authentication_methods.regenerate_recovery_code, methods=["POST"]),
]
UNIVERSAL_LOGIN = [
    Route("/authorize", authorize.authorize, methods=["GET"]),
    Route("/authorize", authorize.authorize, methods=["POST"]),
    Route("/activate", device_activation.show, methods=["GET"]),
    Route("/activate", device_activation.submit, methods=["POST"]),
    Route("/u/{screen}", screens.show, methods=["GET"]),
    Route("/u/{screen}", screens.submit, methods=["POST"]),
    Route("/v2/logout", logout.logout, methods=["GET"]),
    Route("/oidc/logout", logout.oidc_logout, methods=["GET"]),
    Route("/oidc/logout", logout.oidc_logout, methods=["POST"]),
]
ENROLLMENT_PAGE = [
    Route("/mfa/enrollment", enrollment_page.show, methods=["GET"]),
    Route("/mfa/enrollment", enrollment_page.submit, methods=["POST"]),
]
CONTROL_PLANE = [
    Route("/_control/health", control.health, methods=["GET"]),
    Route("/_control/smtp", control.smtp, methods=["GET"]),
    Route("/_control/reset", control.reset, methods=["POST"]),
    Route("/_control/users", control_users.list_users, methods=["GET"]),
    Route("/_control/users", control_users.put_user, methods=["POST"]),
    Route("/_control/users/{user_id}", control_users.patch_user, methods=["PATCH"]),
    Route("/_control/users/{user_id}", control_users.delete_user, methods=["DELETE"]),
    Route("/_control/users/{user_id}/authenticators/{device}", control_users.delete_authenticator, methods=["DELETE"]),
    Route("/_control/clients", control.list_clients, methods=["GET"]),
    Route("/_control/clients", control.put_client, methods=["POST"]),
    Route("/_control/seed", control.load_seed, methods=["POST"]),
    Route("/_control/blocks", control.clear_blocks, methods=["DELETE"]),
    Route("/_control/logs", control.logs, methods=["GET"]),
    Route("/_control/clock", clock.show, methods=["GET"]),
    Route("/_control/clock", clock.change, methods=["POST"]),
    Route("/_control/faults", faults.list_faults, methods=["GET"]),
    Route("/_control/faults", faults.add_fault, methods=["POST"]),
    Route("/_control/faults", faults.clear_faults, methods=["DELETE"]),
    Route("/_control/messages", messages.received, methods=["GET"]),
    Route("/_control/messages/stream", stream.listen, methods=["GET"]),
    Route("/_control/messages/{message_id}/approve", messages.approve, methods=["POST"]),
    Route("/_control/messages/{message_id}/deny", messages.deny, methods=["POST"]),
    Route("/_control/message-faults", faults.list_message_faults, methods=["GET"]),
    Route("/_control/message-faults", faults.add_message_fault, methods=["POST"]),
    Route("/_control/message-faults", faults.clear_message_faults, methods=["DELETE"]),
    Route("/_control/tenant", control.get_tenant, methods=["GET"]),
    Route("/_control/tenant", control.patch_tenant, methods=["PATCH"]),
    Route("/_control/tenant/schema", control.get_tenant_schema, methods=["GET"]),
    Route("/_control/requests", control.requests, methods=["GET"]),
]
PAGES = [
    Route("/_phone", pages.phone, methods=["GET"]),
    Route("/_phone/{name}", pages.phone_asset, methods=["GET"]),
    Route("/_control", pages.control, methods=["GET"]),
    Route("/_control/page/{name}", pages.control_asset, methods=["GET"]),
]


def build(emulator: Emulator | None = None) -> Starlette:
    """Returns the ASGI application of one emulator."""
    app = Starlette(
        routes=[*AUTHENTICATION_API, *MANAGEMENT_API, *UNIVERSAL_LOGIN, *ENROLLMENT_PAGE, *CONTROL_PLANE, *PAGES],
        middleware=[Middleware(EmulatorMiddleware)],
        exception_handlers={
            errors.RefusedError: _refuse,
            errors.UnsettledError: _refuse_as_switched,
            HTTPException: _unrouted,
        },
    )
    app.router.redirect_slashes = False
    app.state.emulator = emulator or Emulator()
    return app


def _refuse(request: Request, problem: Exception) -> Response:
    """Respond to a RefusedError. Starlette types every handled exception as Exception."""
    return wire.refusal(cast(errors.RefusedError, problem))


def _refuse_as_switched(request: Request, refusal: Exception) -> Response:
    """Respond as the tenant's setting specifies. Placeholders without a value are left unchanged."""
    unsettled = cast(errors.UnsettledError, refusal)
    says: Refusal = getattr(emulator_of(request).tenant.settings.refusals, unsettled.name)
    description = errors.described(unsettled, says.description)
    return _refuse(request, errors.refused(says.status, says.error, description, unsettled.headers))


def _unrouted(request: Request, problem: Exception) -> Response:
    path, status = request.scope["path"], cast(HTTPException, problem).status_code
    if status == 405:
        allow = cast(HTTPException, problem).headers
        return _refuse(request, errors.for_path(path, 405, "method_not_allowed", "Method Not Allowed", allow))
    if path.startswith("/api/v2/"):
        return _refuse(request, errors.management(404, "Not Found"))
    return _refuse(request, errors.for_path(path, 404, "not_found", "Not Found"))
