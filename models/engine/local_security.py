"""Keys for the cluster that a server starts for itself: made in memory at each start, known only to its own processes."""

import ipaddress
from datetime import UTC, datetime
from typing import Any

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # valid even if the clock is wrong


def own_security() -> Any:
    """Return Dask's security settings with a new key, without which scheduler, nanny, worker and client refuse connections.

    Like `distributed.Security.temporary`, but with a smaller key, which is faster to make, and a certificate that stays
    valid when the clock is set back.
    """
    from distributed import Security

    key, certificate = _pair()
    named: dict[str, Any] = {"tls_ca_file": certificate}
    for role in ("client", "scheduler", "worker"):
        named |= {f"tls_{role}_key": key, f"tls_{role}_cert": certificate}
    return Security(require_encryption=True, **named)


def _pair() -> tuple[str, str]:
    """Return a new private key and its self-signed certificate, both as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gatescope")])
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(_FIRST).not_valid_after(_LAST)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(hosts, False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
