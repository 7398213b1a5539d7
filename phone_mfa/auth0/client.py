"""Client for Auth0's MFA API, one method per endpoint. Sends each request once; no flow logic and no retries.

Source: Auth0 docs, "Authenticate Using the Resource Owner Password Flow with MFA" and "Enroll and Challenge SMS and
Voice Authenticators".

Every method raises subclasses of :class:`~phone_mfa.auth0.errors.Auth0Error`; its docstring names specific refusals.
"""

from collections.abc import Mapping

import httpx
from pydantic import JsonValue, SecretStr, TypeAdapter

from .address import path_segment
from .credentials import Credentials
from .error_rules import Call
from .models import Association, Authenticator, Challenge, DeviceAuthorization, Discovery, MfaRequired, Tokens
from .response import Reply
from .transport import Transport, bearer

MFA_GRANTS = (
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
)
"""The grants behind the dashboard's "MFA" checkbox (Auth0 docs, "Application Grant Types")."""

MFA_SCOPES = ("enroll", "read:authenticators", "remove:authenticators")
"""Scopes of access tokens for the MFA API: to enroll, list and remove (Auth0 docs, "Manage Authenticator Factors")."""

_MFA_OOB, _, _MFA_RECOVERY_CODE = MFA_GRANTS
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"

_TOKENS = TypeAdapter(Tokens)
_MFA_REQUIRED = TypeAdapter(MfaRequired)
_ASSOCIATION = TypeAdapter(Association)
_AUTHENTICATORS = TypeAdapter(list[Authenticator])
_CHALLENGE = TypeAdapter(Challenge)
_DEVICE_AUTHORIZATION = TypeAdapter(DeviceAuthorization)
_DISCOVERY = TypeAdapter(Discovery)

_Fields = Mapping[str, str | SecretStr | None]


class Auth0:
    """Client of one application in one tenant. Safe to share between tasks.

    Args:
        http: Client for the requests; the caller closes it.
        base_url: From :func:`~phone_mfa.auth0.base_url_of`.
        credentials: How the application authenticates.
        timeout_seconds: Timeout of each call as a whole, in seconds.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        credentials: Credentials,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._base_url = base_url
        self._credentials = credentials
        self._transport = Transport(http, base_url, timeout_seconds)

    @property
    def mfa_audience(self) -> str:
        """Audience of access tokens that manage authenticators; ends with a slash (Auth0 docs)."""
        return f"{self._base_url}/mfa/"

    async def log_in(
        self,
        username: str,
        password: SecretStr,
        *,
        audience: str | None = None,
        scope: str | None = None,
        realm: str | None = None,
    ) -> Tokens | MfaRequired:
        """Log a user in with a password; ``realm`` names a connection.

        Raises:
            LoginRefusedError: Wrong e-mail address or password, or too many attempts.
        """
        grant = _PASSWORD_REALM if realm else "password"
        user: _Fields = {"username": username, "password": password, "realm": realm}
        return await self._log_in(Call.LOG_IN, {"grant_type": grant, **user, "audience": audience, "scope": scope})

    async def refresh(
        self, refresh_token: SecretStr, *, audience: str | None = None, scope: str | None = None
    ) -> Tokens | MfaRequired:
        """Exchange a refresh token for new tokens; with :attr:`mfa_audience`, for one that manages authenticators.

        Raises:
            LoginRefusedError: The refresh token is unknown or revoked.
        """
        fields: _Fields = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "audience": audience,
            "scope": scope,
        }
        return await self._log_in(Call.REFRESH, fields)

    async def exchange_code(self, code: SecretStr, *, redirect_uri: str, code_verifier: SecretStr) -> Tokens:
        """Exchange the authorization code of a login in the browser (RFC 6749, 4.1.3; RFC 7636). Auth0 takes it once.

        Raises:
            LoginRefusedError: The code is unknown, used or expired, or of another redirect URI or verifier.
        """
        fields: _Fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        }
        return (await self._authenticated(Call.EXCHANGE_CODE, "/oauth/token", fields)).read(_TOKENS)

    async def authorize_device(self, *, audience: str, scope: str) -> DeviceAuthorization:
        """Begin a login that a user completes in any browser (RFC 8628, section 3.1).

        No credentials are sent: Auth0 refuses them in this flow, which it has for applications without any.

        Raises:
            GrantNotAllowedError: The application lacks the device code grant, or has credentials.
        """
        fields: _Fields = {"audience": audience, "scope": scope}
        reply = await self._unauthenticated(Call.AUTHORIZE_DEVICE, "/oauth/device/code", fields)
        return reply.read(_DEVICE_AUTHORIZATION)

    async def exchange_device_code(self, device_code: SecretStr) -> Tokens:
        """Ask for the tokens of a login by :meth:`authorize_device` (RFC 8628, section 3.4).

        Raises:
            AuthorizationPendingError: The user has not finished; ask again after the interval.
            RateLimitedError: Asked too early; ask less often from now on.
            AuthorizationRejectedError: The user declined.
            LoginRefusedError: The code has expired or was used.
        """
        fields: _Fields = {"grant_type": _DEVICE_CODE, "device_code": device_code}
        return (await self._unauthenticated(Call.EXCHANGE_DEVICE_CODE, "/oauth/token", fields)).read(_TOKENS)

    async def associate(self, token: SecretStr, *, phone_number: SecretStr, channel: str) -> Association:
        """Send a code to a new phone. Not idempotent: each call sends a message and adds a pending authenticator.

        Args:
            token: An ``mfa_token`` if the user has no active authenticator, otherwise a token with scope ``enroll``.
            phone_number: In E.164.
            channel: ``sms`` or ``voice``.

        Raises:
            AlreadyEnrolledError: The user has an active authenticator and ``token`` is an ``mfa_token``.
            PhoneNumberInvalidError: Auth0 does not accept the number.
            TooManySmsError: The user's message budget is used up.
            ValueError: The token is not valid in a header.
        """
        body: dict[str, JsonValue] = {
            "authenticator_types": ["oob"],
            "oob_channels": [channel],
            "phone_number": phone_number.get_secret_value(),
        }
        headers = bearer("mfa_token", token)
        reply = await self._transport.send(Call.ASSOCIATE, "POST", "/mfa/associate", headers=headers, body=body)
        return reply.read(_ASSOCIATION)

    async def authenticators(self, token: SecretStr) -> list[Authenticator]:
        """List all authenticators of the user, including pending ones. An access token needs ``read:authenticators``.

        Raises:
            MfaTokenInvalidError: The token is malformed or expired.
            ValueError: The token is not valid in a header.
        """
        headers = bearer("mfa_token", token)
        reply = await self._transport.send(Call.AUTHENTICATORS, "GET", "/mfa/authenticators", headers=headers)
        return reply.read(_AUTHENTICATORS)

    async def delete_authenticator(self, token: SecretStr, authenticator_id: str) -> None:
        """Remove an authenticator and its counterpart on the other channel.

        Args:
            token: An access token for :attr:`mfa_audience` with ``remove:authenticators``; an ``mfa_token`` is refused.
            authenticator_id: Such as ``sms|dev_klnv5yshzzoosSUm``.

        Raises:
            AuthenticatorUnknownError: There is no authenticator with that id.
            ValueError: The token is not valid in a header, or the id is not valid in a path.
        """
        path = f"/mfa/authenticators/{path_segment('authenticator_id', authenticator_id)}"
        headers = bearer("mfa_token", token)
        reply = await self._transport.send(Call.DELETE_AUTHENTICATOR, "DELETE", path, headers=headers)
        reply.done()

    async def challenge(self, mfa_token: SecretStr, authenticator_id: str | None = None) -> Challenge:
        """Send a code to an active authenticator; without an id, Auth0 picks one. Not idempotent: each call sends.

        Raises:
            NotEnrolledError: The user has no active authenticator to send to.
            MfaTokenExpiredError: The ``mfa_token`` is older than 10 minutes.
            TooManySmsError: The user's message budget is used up.
        """
        fields: _Fields = {"mfa_token": mfa_token, "challenge_type": "oob", "authenticator_id": authenticator_id}
        reply = await self._authenticated(Call.CHALLENGE, "/mfa/challenge", fields)
        return reply.read(_CHALLENGE)

    async def exchange_oob(self, mfa_token: SecretStr, *, oob_code: SecretStr, binding_code: SecretStr) -> Tokens:
        """Verify the binding code the user received; the first success activates a pending authenticator.

        Raises:
            WrongBindingCodeError: The code is wrong; another one may be tried.
            TooManyFailedCodesError: The user's budget of tries is used up; even the correct code is refused.
            OobCodeExpiredError: The oob code has expired; another message must be sent.
        """
        proof: _Fields = {"mfa_token": mfa_token, "oob_code": oob_code, "binding_code": binding_code}
        reply = await self._authenticated(Call.EXCHANGE_OOB, "/oauth/token", {"grant_type": _MFA_OOB, **proof})
        return reply.read(_TOKENS)

    async def exchange_recovery_code(self, mfa_token: SecretStr, recovery_code: SecretStr) -> Tokens:
        """Log in with a recovery code. This invalidates the code; its replacement is returned with the tokens.

        Raises:
            WrongRecoveryCodeError: The code is not the user's current one.
            NotEnrolledError: The user has no recovery code.
        """
        proof: _Fields = {"mfa_token": mfa_token, "recovery_code": recovery_code}
        fields: _Fields = {"grant_type": _MFA_RECOVERY_CODE, **proof}
        reply = await self._authenticated(Call.EXCHANGE_RECOVERY_CODE, "/oauth/token", fields)
        return reply.read(_TOKENS)

    async def management_token(self) -> SecretStr:
        """Request an access token for the tenant's Management API (Auth0 docs, "Client Credentials Flow").

        Raises:
            GrantNotAllowedError: The application lacks the ``client_credentials`` grant.
            ManagementScopeError: The application is not authorized for the Management API.
        """
        fields: _Fields = {"grant_type": "client_credentials", "audience": f"{self._base_url}/api/v2/"}
        reply = await self._authenticated(Call.MANAGEMENT_TOKEN, "/oauth/token", fields)
        return reply.read(_TOKENS).access_token

    async def _log_in(self, call: Call, fields: _Fields) -> Tokens | MfaRequired:
        reply = await self._authenticated(call, "/oauth/token", fields)
        return reply.parse(_MFA_REQUIRED) if reply.requires_mfa else reply.read(_TOKENS)

    async def _authenticated(self, call: Call, path: str, fields: _Fields) -> Reply:
        """Post the fields that are not None, with the application's own authentication."""
        return await self._post(call, path, dict(fields) | self._credentials.fields(self._base_url))

    async def _unauthenticated(self, call: Call, path: str, fields: _Fields) -> Reply:
        """Post the fields that are not None, with the application's id alone."""
        return await self._post(call, path, dict(fields) | {"client_id": self._credentials.client_id})

    async def _post(self, call: Call, path: str, fields: _Fields) -> Reply:
        body: dict[str, JsonValue] = {}
        for name, value in fields.items():
            if value is not None:
                body[name] = value.get_secret_value() if isinstance(value, SecretStr) else value
        return await self._transport.send(call, "POST", path, body=body)


async def discover(http: httpx.AsyncClient, base_url: str, timeout_seconds: float = 10.0) -> Discovery:
    """Fetch the tenant's discovery document, which needs no credentials (OpenID Connect Discovery 1.0, section 4).

    Raises:
        Auth0Error: The tenant could not be reached, or the server that answers is not Auth0.
    """
    transport = Transport(http, base_url, timeout_seconds)
    return (await transport.send(Call.DISCOVER, "GET", "/.well-known/openid-configuration")).read(_DISCOVERY)
