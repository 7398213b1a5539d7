"""Discovery of the tenant's endpoints and keys."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.wire import JSON_UTF8, answer, issuer

from .grants import GRANTS

_SCOPES = ("openid", "profile", "offline_access", "email", "phone", "address")
_CLAIMS = (
    *("aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name"),
    *("nickname", "phone_number", "picture", "sub"),
)
"""What Auth0's document says (Auth0 docs, OIDC discovery), as far as the emulator has it, in the same order."""


async def openid_configuration(request: Request) -> Response:
    """Returns the discovery document, also at its alias for RFC 8414 (Auth0 docs, OIDC discovery).

    `issuer` is the address the caller used, with a trailing slash; members are in the order of captured documents.
    """
    own = issuer(request)
    document: dict[str, object] = {
        "issuer": own,
        "authorization_endpoint": f"{own}authorize",
        "token_endpoint": f"{own}oauth/token",
        "device_authorization_endpoint": f"{own}oauth/device/code",
        "userinfo_endpoint": f"{own}userinfo",
        "mfa_challenge_endpoint": f"{own}mfa/challenge",
        "jwks_uri": f"{own}.well-known/jwks.json",
        "revocation_endpoint": f"{own}oauth/revoke",
        "scopes_supported": list(_SCOPES),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": [
            *("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
        "claims_supported": list(_CLAIMS),
        "grant_types_supported": list(GRANTS),
        "request_uri_parameter_supported": False,
        "request_parameter_supported": False,
        "id_token_signing_alg_values_supported": ["RS256"],
        "end_session_endpoint": f"{own}oidc/logout",
    }
    if emulator_of(request).tenant.settings.authorization_response_iss:
        document["authorization_response_iss_parameter_supported"] = True
    return answer(document, content_type=JSON_UTF8)


async def jwks(request: Request) -> Response:
    """Returns the public key that verifies the tenant's JWTs."""
    return answer(emulator_of(request).signer.jwks, content_type=JSON_UTF8)
