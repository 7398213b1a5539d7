"""HTTP client factory. The client uses the proxies and certificates configured in the environment."""

import httpx

from .settings import SettingsError


def http_client() -> httpx.AsyncClient:
    """Create a client, which the caller closes. Raises ``SettingsError``, since httpx reads the environment here."""
    try:
        return httpx.AsyncClient()
    except (ValueError, OSError, ImportError):
        raise SettingsError(
            "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE or SSL_CERT_DIR has an invalid value."
        ) from None
