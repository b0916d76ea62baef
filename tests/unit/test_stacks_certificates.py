"""Certificates of a stack, taken by real TLS and refused where they should be."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from atlas.stacks.certificates import LIFE, RENEWED_BEFORE_END, Certificate, is_good, issue, new_authority

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["postgres", "localhost", "127.0.0.1", "2001:db8::1", "atlas.example.com"]
AUTHORITY = new_authority("Atlas stack try")
LEAF = issue(AUTHORITY, NAMES)


def parsed(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.certificate.encode())


def usage(certificate: Certificate) -> set[str]:
    found = parsed(certificate).extensions.get_extension_for_class(x509.KeyUsage)
    assert found.critical
    names = ("digital_signature", "key_cert_sign", "crl_sign", "key_encipherment", "key_agreement")
    return {name for name in names if getattr(found.value, name)}


def test_an_authority_signs_certificates_of_servers_and_no_other_authority() -> None:
    authority = parsed(AUTHORITY)
    assert authority.subject == authority.issuer
    assert authority.subject.rfc4514_string() == "CN=Atlas stack try"
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert usage(AUTHORITY) == {"key_cert_sign", "crl_sign"}
    authority.verify_directly_issued_by(authority)


def test_a_server_s_certificate_is_for_its_names_alone() -> None:
    leaf = parsed(LEAF)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["postgres", "localhost", "atlas.example.com"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("2001:db8::1")]
    assert leaf.subject.rfc4514_string() == "CN=postgres"
    assert leaf.issuer == parsed(AUTHORITY).subject
    basic = leaf.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert not basic.value.ca
    assert usage(LEAF) == {"digital_signature"}
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_certificates_hold_from_now_on_and_not_too_long() -> None:
    now = datetime.now(UTC)
    for certificate in (parsed(AUTHORITY), parsed(LEAF)):
        # Another machine's clock may be a little behind.
        assert now - timedelta(hours=2) < certificate.not_valid_before_utc < now - timedelta(minutes=50)
    leaf = parsed(LEAF)
    assert timedelta(days=396) < leaf.not_valid_after_utc - now <= timedelta(days=397)
    # macOS takes none that lives longer, and a certificate must not outlive what signed it.
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=825)
    assert leaf.not_valid_after_utc < parsed(AUTHORITY).not_valid_after_utc


def test_each_certificate_has_a_key_and_a_serial_number_of_its_own() -> None:
    again = issue(AUTHORITY, NAMES)
    assert again.key != LEAF.key
    assert parsed(again).serial_number != parsed(LEAF).serial_number
    for pair in (AUTHORITY, LEAF, again):
        key = load_pem_private_key(pair.key.encode(), password=None)
        assert key.public_key() == parsed(pair).public_key()


def test_a_key_doesn_t_show() -> None:
    shown = f"{LEAF} {LEAF!r} {[LEAF]}"
    assert LEAF.key.splitlines()[1] not in shown


def shake_hands(tmp_path: Path, server: Certificate, authority: str, host: str) -> str:
    """Meet a server that shows the certificate, as a client that trusts the authority alone; returns TLS's version."""
    (tmp_path / "tls.crt").write_text(server.certificate)
    (tmp_path / "tls.key").write_text(server.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            context.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Python 3.13's default: extensions have to be as the standard wants them.
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.load_verify_locations(cadata=authority)
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=host) as connection:
            return str(connection.version())
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize("host", NAMES)
def test_a_client_that_trusts_the_authority_takes_each_name(tmp_path: Path, host: str) -> None:
    assert shake_hands(tmp_path, LEAF, AUTHORITY.certificate, host) == "TLSv1.3"


@pytest.mark.parametrize("host", ["redis", "example.com", "127.0.0.2", "a.atlas.example.com"])
def test_a_client_refuses_another_name(tmp_path: Path, host: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        shake_hands(tmp_path, LEAF, AUTHORITY.certificate, host)


def test_a_client_refuses_another_authority_s_certificate(tmp_path: Path) -> None:
    # Of the same name, too: the key is what counts.
    other = new_authority("Atlas stack try")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, issue(other, NAMES), AUTHORITY.certificate, "localhost")


def test_a_server_s_certificate_can_sign_none(tmp_path: Path) -> None:
    forged = issue(LEAF, ["localhost"])
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, forged, AUTHORITY.certificate, "localhost")


def test_a_certificate_is_good_for_exactly_its_names() -> None:
    assert is_good(LEAF.certificate, AUTHORITY.certificate, NAMES)
    assert is_good(LEAF.certificate, AUTHORITY.certificate, NAMES[::-1])
    assert not is_good(LEAF.certificate, AUTHORITY.certificate, NAMES[:-1])
    assert not is_good(LEAF.certificate, AUTHORITY.certificate, [*NAMES, "new.example.com"])


def test_a_certificate_is_good_until_shortly_before_its_end() -> None:
    end = datetime.now(UTC) + LIFE
    day = timedelta(days=1)
    assert is_good(LEAF.certificate, AUTHORITY.certificate, NAMES, end - RENEWED_BEFORE_END - day)
    assert not is_good(LEAF.certificate, AUTHORITY.certificate, NAMES, end - RENEWED_BEFORE_END + day)


def test_nothing_else_is_good() -> None:
    other = new_authority("Atlas stack try")
    assert not is_good(LEAF.certificate, other.certificate, NAMES)
    for text in ("", "certificate", AUTHORITY.certificate, LEAF.key):
        assert not is_good(text, AUTHORITY.certificate, NAMES)
    assert not is_good(LEAF.certificate, "", NAMES)
