"""Client for the part of Auth0's Management API that sets up a tenant for phone MFA.

Source: Auth0 docs, "Management API v2": Clients and Guardian. The tokens come from ``Auth0.management_token``.
"""

from collections.abc import Iterable
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr, TypeAdapter

from .address import path_segment
from .error_rules import Call
from .transport import Transport, bearer

_Shape = TypeVar("_Shape")


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class _Client(_Setting):
    grant_types: tuple[str, ...] = ()


class _Factor(_Setting):
    name: str
    enabled: bool


class _MessageTypes(_Setting):
    message_types: tuple[str, ...]


class Application(_Setting):
    """What kind of application it is, in Auth0's words; None where Auth0 says nothing."""

    app_type: str | None = None
    token_endpoint_auth_method: str | None = None

    @property
    def has_credentials(self) -> bool:
        """Whether it authenticates to Auth0."""
        return self.token_endpoint_auth_method != "none"


class _Configuration(_Setting):
    delivery_methods: tuple[str, ...] = ()


class PhoneProvider(_Setting):
    """A phone provider of the tenant."""

    disabled: bool = False
    configuration: _Configuration | None = None

    @property
    def delivery_methods(self) -> tuple[str, ...]:
        """How it delivers: ``text``, ``voice``."""
        return self.configuration.delivery_methods if self.configuration else ()


class _PhoneProviders(_Setting):
    providers: tuple[PhoneProvider, ...] = ()


class _SelectedProvider(_Setting):
    provider: str


class _TenantSettings(_Setting):
    phone_consolidated_experience: bool | None = None


class _PhoneProtection(_Setting):
    type: str


_CLIENT = TypeAdapter(_Client)
_APPLICATION = TypeAdapter(Application)
_PHONE_PROVIDERS = TypeAdapter(_PhoneProviders)
_SELECTED_PROVIDER = TypeAdapter(_SelectedProvider)
_TENANT_SETTINGS = TypeAdapter(_TenantSettings)
_PHONE_PROTECTION = TypeAdapter(_PhoneProtection)
_FACTORS = TypeAdapter(tuple[_Factor, ...])
_MESSAGE_TYPES = TypeAdapter(_MessageTypes)

_PHONE_FACTOR = "sms"  # the factor for phones keeps this name whatever its channels
_MESSAGE_TYPES_PATH = "/api/v2/guardian/factors/phone/message-types"


class Management:
    """Reads and changes the tenant settings that phone MFA needs.

    Every method raises a subclass of :class:`~phone_mfa.auth0.errors.Auth0Error`, such as
    ``ManagementTokenRejectedError`` (401), or ``ManagementScopeError`` (403) if the scope in its docstring is missing.

    Args:
        http: Client for the requests; the caller closes it.
        base_url: From :func:`~phone_mfa.auth0.base_url_of`.
        token: An access token for ``{base_url}/api/v2/``.
        timeout_seconds: Timeout of each call as a whole, in seconds.

    Raises:
        ValueError: The token is not valid in a header.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, token: SecretStr, timeout_seconds: float = 10.0
    ) -> None:
        self._transport = Transport(http, base_url, timeout_seconds)
        self._headers = bearer("token", token)

    async def client_grants(self, client_id: str) -> tuple[str, ...]:
        """Returns the grant types an application may use (scope ``read:clients``)."""
        path = f"{_client_path(client_id)}?fields=grant_types&include_fields=true"
        return (await self._get(path, _CLIENT)).grant_types

    async def allow_grants(self, client_id: str, grants: Iterable[str]) -> None:
        """Allow an application further grant types (scopes ``read:clients``, ``update:clients``)."""
        held = await self.client_grants(client_id)
        missing = [grant for grant in dict.fromkeys(grants) if grant not in held]
        if missing:
            await self._change("PATCH", _client_path(client_id), {"grant_types": [*held, *missing]})

    async def phone_factor_enabled(self) -> bool:
        """Whether the phone factor is enabled in the tenant (scope ``read:guardian_factors``)."""
        factors = await self._get("/api/v2/guardian/factors", _FACTORS)
        return any(factor.enabled for factor in factors if factor.name == _PHONE_FACTOR)

    async def enable_phone_factor(self) -> None:
        """Enable the phone factor in the tenant (scope ``update:guardian_factors``)."""
        await self._change("PUT", f"/api/v2/guardian/factors/{_PHONE_FACTOR}", {"enabled": True})

    async def message_types(self) -> tuple[str, ...]:
        """Returns the enabled channels, of ``sms`` and ``voice`` (scope ``read:guardian_factors``)."""
        return (await self._get(_MESSAGE_TYPES_PATH, _MESSAGE_TYPES)).message_types

    async def set_message_types(self, types: Iterable[str]) -> None:
        """Enable exactly these channels (scope ``update:guardian_factors``)."""
        await self._change("PUT", _MESSAGE_TYPES_PATH, {"message_types": list(types)})

    async def application(self, client_id: str) -> Application:
        """Returns what kind of application it is (scope ``read:clients``)."""
        fields = "?fields=app_type,token_endpoint_auth_method&include_fields=true"
        return await self._get(f"{_client_path(client_id)}{fields}", _APPLICATION)

    async def has_unified_phone(self) -> bool:
        """Whether the tenant has the unified phone experience, as newer ones do (scope ``read:tenant_settings``)."""
        path = "/api/v2/tenants/settings?fields=phone_consolidated_experience&include_fields=true"
        return bool((await self._get(path, _TENANT_SETTINGS)).phone_consolidated_experience)

    async def phone_providers(self) -> tuple[PhoneProvider, ...]:
        """Returns the phone providers of the tenant, one at most (scope ``read:phone_providers``)."""
        return (await self._get("/api/v2/branding/phone/providers", _PHONE_PROVIDERS)).providers

    async def selected_provider(self) -> str:
        """Returns who delivers messages for MFA, without the unified phone experience (``read:guardian_factors``)."""
        return (await self._get("/api/v2/guardian/factors/phone/selected-provider", _SELECTED_PROVIDER)).provider

    async def phone_protection(self) -> str:
        """Returns how repeated messages to a user are limited (scope ``read:attack_protection``)."""
        return (await self._get("/api/v2/attack-protection/phone-provider-protection", _PHONE_PROTECTION)).type

    async def _get(self, path: str, shape: TypeAdapter[_Shape]) -> _Shape:
        return (await self._transport.send(Call.MANAGE, "GET", path, headers=self._headers)).read(shape)

    async def _change(self, method: str, path: str, body: dict[str, JsonValue]) -> None:
        (await self._transport.send(Call.MANAGE, method, path, headers=self._headers, body=body)).done()


def _client_path(client_id: str) -> str:
    return f"/api/v2/clients/{path_segment('client_id', client_id)}"
