import pytest

from phone_mfa.auth0 import base_url_of


@pytest.mark.parametrize(
    ("domain", "base_url"),
    [
        ("tenant.eu.auth0.com", "https://tenant.eu.auth0.com"),
        ("Tenant.EU.Auth0.com", "https://tenant.eu.auth0.com"),
        ("https://login.example.com", "https://login.example.com"),
        ("login.example.com:8443", "https://login.example.com:8443"),
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
        ("http://localhost:1234", "http://localhost:1234"),
        ("http://[::1]:1234", "http://[::1]:1234"),
    ],
)
def test_a_domain_has_one_base_url(domain: str, base_url: str) -> None:
    assert base_url_of(domain) == base_url


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "https://",
        "tenant.eu.auth0.com/",
        "tenant.eu.auth0.com/oauth",
        "https://user@tenant.eu.auth0.com",
        "https://user:password@tenant.eu.auth0.com",
        "tenant.eu.auth0.com?x=1",
        "tenant.eu.auth0.com#x",
        "tenant.eu.auth0.com\n",
        "tenant .auth0.com",
        "-tenant.auth0.com",
        "tenant..auth0.com",
        "tenänt.auth0.com",
        "\N{KELVIN SIGN}elvin.auth0.com",
        "tenant.auth0.com:0",
        "tenant.auth0.com:99999",
        "ftp://tenant.auth0.com",
        "[::g]",
    ],
)
def test_a_domain_with_more_than_a_host_is_refused_by_name(domain: str) -> None:
    with pytest.raises(ValueError, match=r"^domain must be a bare domain such as tenant\.eu\.auth0\.com") as refused:
        base_url_of(domain)
    assert "password" not in str(refused.value)


@pytest.mark.parametrize(
    "domain", ["http://tenant.auth0.com", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.nip.io"]
)
def test_plain_http_is_for_loopback_hosts_only(domain: str) -> None:
    with pytest.raises(ValueError, match=r"^domain must be reached over https"):
        base_url_of(domain)
