"""Tenant addresses: which ones are safe to send secrets to. Sends nothing itself."""

import ipaddress
import re
from urllib.parse import quote

_HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_ADDRESS = re.compile(r"((?P<scheme>https?)://)?(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\])(:(?P<port>[0-9]{1,5}))?", re.ASCII)


def base_url_of(domain: str, *, plain_http: bool = False) -> str:
    """Returns the base URL of a tenant without a trailing slash: ``https://tenant.eu.auth0.com``.

    Args:
        domain: A domain such as ``tenant.eu.auth0.com``, or an ``https://`` URL with only a host and optionally a port.
            Plain ``http://`` is for loopback hosts only, where an emulator may run.
        plain_http: Allow ``http://`` for any host, for an emulator in a container network.

    Raises:
        ValueError: ``domain`` is anything else, such as a URL with a path, a user or a query.
    """
    address = _ADDRESS.fullmatch(domain.lower()) if domain.isascii() else None
    if not address or not _is_host(address["host"]) or int(address["port"] or 1) not in range(1, 65536):
        raise ValueError("domain must be a bare domain such as tenant.eu.auth0.com, without path, user or query")
    scheme = address["scheme"] or "https"
    if scheme == "http" and not plain_http and not _is_loopback(address["host"]):
        raise ValueError("domain must be reached over https: plain http is for loopback hosts only")
    return f"{scheme}://{address['host']}" + (f":{address['port']}" if address["port"] else "")


def path_segment(name: str, text: str) -> str:
    """Returns ``text`` percent-encoded as one path segment; ``name`` is used in the error.

    Raises:
        ValueError: ``text`` is empty, ``.`` or ``..``.
    """
    if text in {"", ".", ".."}:
        raise ValueError(f"{name} must not be empty or made of dots")
    return quote(text, safe="")


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or _ip_of(host) is not None


def _is_loopback(host: str) -> bool:
    ip = _ip_of(host)
    return host == "localhost" or (ip is not None and ip.is_loopback)


def _ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
