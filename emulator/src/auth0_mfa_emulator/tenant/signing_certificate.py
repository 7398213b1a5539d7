"""Certificate of the tenant's signing key, as key sets publish it: self-signed, and the same for the same key.

Its extensions and its lifetime of 5000 days are those of tenants' certificates (captured key sets).
"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auth0-mfa-emulator")])
# A fixed day: the certificate must not change when the emulator resumes from a state file.
_START = datetime(2024, 1, 1, tzinfo=UTC)
_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def certificate(key: RSAPrivateKey) -> bytes:
    """Returns the certificate in DER."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = x509.CertificateBuilder(issuer_name=_NAME, subject_name=_NAME, public_key=key.public_key())
    builder = builder.serial_number(int.from_bytes(identifier.digest[:8]) | 1)  # a serial number is positive
    builder = builder.not_valid_before(_START).not_valid_after(_START + timedelta(days=5000))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(identifier, critical=False).add_extension(_USAGE, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
