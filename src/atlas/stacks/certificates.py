"""Certificates of a stack: an authority of its own, and one certificate for each service that speaks TLS."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTHORITY_LIFE = timedelta(days=3650)
# Clients on macOS take no certificate that lives longer than 825 days.
LIFE = timedelta(days=397)
RENEWED_BEFORE_END = timedelta(days=60)
CLOCKS_MAY_DIFFER = timedelta(hours=1)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, both PEM; the key is kept out of ``repr``."""

    certificate: str
    key: str

    def __repr__(self) -> str:
        return "Certificate(…)"


def new_authority(name: str) -> Certificate:
    """An authority that signs the services' certificates of one stack and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    unsigned = (
        _builder(subject, subject, AUTHORITY_LIFE)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Certificate(_pem(unsigned.sign(key, hashes.SHA256())), _key_pem(key))


def issue(authority: Certificate, names: Sequence[str]) -> Certificate:
    """A server's certificate for host names and addresses; the first names it."""
    signer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signing_key = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(signing_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is none that Atlas made")
    key = ec.generate_private_key(ec.SECP256R1())
    unsigned = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), signer.subject, LIFE)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    return Certificate(_pem(unsigned.sign(signing_key, hashes.SHA256())), _key_pem(key))


def is_good(certificate: str, authority: str, names: Sequence[str], now: datetime | None = None) -> bool:
    """Whether a certificate is the authority's, made out to exactly these names, and not about to end."""
    try:
        held = x509.load_pem_x509_certificate(certificate.encode())
        held.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
        made_out_to = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a new one is the cure
        return False
    lasts = held.not_valid_after_utc - RENEWED_BEFORE_END > (now or datetime.now(UTC))
    return lasts and set(made_out_to) == {_general_name(name) for name in names}


def _builder(subject: x509.Name, issuer: x509.Name, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_MAY_DIFFER)
        .not_valid_after(now + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
