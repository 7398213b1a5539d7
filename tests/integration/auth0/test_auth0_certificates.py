"""What is wrong with a server's certificate is said, with the setting that helps."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme
from pydantic import SecretStr

from phone_mfa.auth0 import (
    Auth0,
    CertificateExpiredError,
    CertificateNameError,
    CertificateRejectedError,
    CertificateUntrustedError,
    ClientSecret,
    NotReachedError,
)

OURS, THEIRS = trustme.CA(), trustme.CA()
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@asynccontextmanager
async def serving(certificate: trustme.LeafCert) -> AsyncIterator[str]:
    """A server at a socket that never gets to read a request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("certificate", "cause", "help"),
    [
        (THEIRS.issue_cert("localhost"), CertificateUntrustedError, "SSL_CERT_FILE"),
        (OURS.issue_cert("localhost", not_after=YESTERDAY), CertificateExpiredError, "clock"),
        (OURS.issue_cert("elsewhere.example"), CertificateNameError, "AUTH0_DOMAIN"),
    ],
    ids=["untrusted", "expired", "another name"],
)
async def test_trouble_with_a_certificate_is_told(
    certificate: trustme.LeafCert, cause: type[CertificateRejectedError], help: str
) -> None:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    OURS.configure_trust(trusting)
    credentials = ClientSecret("client-1", SecretStr("client-secret"))
    async with serving(certificate) as address, httpx.AsyncClient(verify=trusting, trust_env=False) as http:
        with pytest.raises(NotReachedError) as lost:
            await Auth0(http, base_url=address, credentials=credentials).authenticators(SecretStr("Fe26.2*token"))
    assert type(lost.value) is cause
    assert help in str(lost.value)
