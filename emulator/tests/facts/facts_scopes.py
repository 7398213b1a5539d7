"""The scopes of each call of the Management API, from its OpenAPI description (docs-v2, commit 7025885d).

Left out are scopes that open a part of a call only (`read:client_summary`, `read:user_idp_tokens` and kin), and those
of `current_user`, which machines cannot have.
"""

_ATTACK_PROTECTION = [
    f"attack-protection/{name}"
    for name in (
        "brute-force-protection",
        "breached-password-detection",
        "suspicious-ip-throttling",
        "phone-provider-protection",
    )
]
_PHONE_FACTOR = [
    f"guardian/factors/{path}"
    for path in (
        "phone/message-types",
        "phone/selected-provider",
        "phone/templates",
        "sms/selected-provider",
        "sms/templates",
    )
]
_LOGS = "read:logs,read:logs_users"

SCOPES: dict[tuple[str, str], str] = {
    ("GET", "clients"): "read:clients",
    ("POST", "clients"): "create:clients",
    ("GET", "clients/ID"): "read:clients",
    ("PATCH", "clients/ID"): "update:clients",
    ("DELETE", "clients/ID"): "delete:clients",
    ("GET", "client-grants"): "read:client_grants",
    ("POST", "client-grants"): "create:client_grants",
    ("GET", "client-grants/ID"): "read:client_grants",
    ("PATCH", "client-grants/ID"): "update:client_grants",
    ("DELETE", "client-grants/ID"): "delete:client_grants",
    ("GET", "guardian/factors"): "read:guardian_factors",
    ("PUT", "guardian/factors/ID"): "update:guardian_factors",
    ("GET", "guardian/policies"): "read:mfa_policies",
    ("PUT", "guardian/policies"): "update:mfa_policies",
    ("POST", "guardian/enrollments/ticket"): "create:guardian_enrollment_tickets",
    ("GET", "guardian/enrollments/ID"): "read:guardian_enrollments",
    ("DELETE", "guardian/enrollments/ID"): "delete:guardian_enrollments",
    ("GET", "tenants/settings"): "read:tenant_settings",
    ("GET", "branding/phone/providers"): "read:phone_providers",
    ("GET", "logs"): _LOGS,
    ("GET", "logs/ID"): _LOGS,
    ("GET", "users"): "read:users",
    ("POST", "users"): "create:users",
    ("GET", "users-by-email"): "read:users",
    ("GET", "users/ID"): "read:users",
    ("PATCH", "users/ID"): "update:users,update:users_app_metadata",
    ("DELETE", "users/ID"): "delete:users",
    ("DELETE", "users/ID/authenticators"): "delete:guardian_enrollments",
    ("GET", "users/ID/enrollments"): "read:users",
    ("GET", "users/ID/logs"): _LOGS,
    ("POST", "users/ID/recovery-code-regeneration"): "update:users",
    ("GET", "users/ID/authentication-methods"): "read:authentication_methods",
    ("POST", "users/ID/authentication-methods"): "create:authentication_methods",
    ("PUT", "users/ID/authentication-methods"): "update:authentication_methods",
    ("DELETE", "users/ID/authentication-methods"): "delete:authentication_methods",
    ("GET", "users/ID/authentication-methods/ID"): "read:authentication_methods",
    ("PATCH", "users/ID/authentication-methods/ID"): "update:authentication_methods",
    ("DELETE", "users/ID/authentication-methods/ID"): "delete:authentication_methods",
    **{("GET", path): "read:guardian_factors" for path in _PHONE_FACTOR},
    **{("PUT", path): "update:guardian_factors" for path in _PHONE_FACTOR},
    **{("GET", path): "read:attack_protection" for path in _ATTACK_PROTECTION},
    **{("PATCH", path): "update:attack_protection" for path in _ATTACK_PROTECTION},
}
"""Scopes by method and path, the alternatives in the order in which a refusal names them."""
