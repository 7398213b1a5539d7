"""How we speak HTTP: the one place that makes a client, with the proxies and certificates the environment names."""

import httpx

from .settings import SettingsError


def http_client() -> httpx.AsyncClient:
    """A client to be closed by the caller. Raises ``SettingsError``, for httpx reads the environment only here."""
    try:
        return httpx.AsyncClient()
    except (ValueError, OSError, ImportError):
        raise SettingsError(
            "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE or SSL_CERT_DIR has a value that cannot be used."
        ) from None
