"""Certificates that must not be trusted, as `adjutant connect` tells of them: a password never gets there."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.collectors.accounts_of_a_test import Adjutant
from tests.collectors.bad_server import BadServer
from tests.running import RunningServer

NOW = datetime.now(UTC)
PLANTED = "planted-5a1"
BAD = {
    "of an unknown authority": ("localhost", 30, False, "authority"),
    "expired": ("localhost", -1, True, "certificate has expired"),
    "of another host": ("other.example", 30, True, "not valid for 'localhost'"),
}
"""For which host, until when (days from now), whether its authority is known here, and what is said."""


def certificate(folder: Path, host: str, days: int) -> tuple[ssl.SSLContext, Path]:
    """A server's, that vouches for itself, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "its.crt").write_bytes(made.public_bytes(pem))
    (folder / "its.key").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "its.crt", folder / "its.key")
    return context, folder / "its.crt"


async def connect(adjutant: Adjutant, words: tuple[str, ...], secret: str) -> str:
    """What is said of it; not forked, since a library may hold the system's certificates already."""
    process = await adjutant.start("connect", *words)
    out, _ = await process.communicate(f"{secret}\n".encode())
    assert (process.returncode, "Traceback" in out.decode()) == (1, False), out.decode()
    return out.decode()


@pytest.mark.parametrize("collector", ["caldav", "imap", "ics"])
@pytest.mark.parametrize("bad", BAD)
async def test_a_certificate_that_is_not_right_is_told_and_nothing_is_sent(
    collector: str, bad: str, server: RunningServer, tmp_path: Path
) -> None:
    host, days, is_known, why = BAD[bad]
    context, file = certificate(tmp_path, host, days)
    more = {"SSL_CERT_FILE": str(file)} if is_known and collector == "ics" else {}
    adjutant = Adjutant(server, tmp_path, **more)
    ca = ("--ca", str(file)) if is_known else ()
    async with BadServer(b"* OK hello\r\n", greets=collector == "imap", tls=context) as upstream:
        base = f"https://localhost:{upstream.port}"
        words, secret = {
            "caldav": (("caldav", base, "ana", *ca), PLANTED),
            "imap": (("imap", "ana", "--host", "localhost", "--port", str(upstream.port), *ca), PLANTED),
            "ics": (("ics", "--allow-private"), f"{base}/private-{PLANTED}/a.ics"),
        }[collector]
        said = await connect(adjutant, words, secret)
        assert upstream.asked == 0
    assert "its certificate is not trusted here: " in said
    assert why in said
    assert PLANTED not in said
    assert not adjutant.book.exists()


@pytest.mark.parametrize("collector", ["caldav", "imap"])
async def test_a_file_of_certificates_that_is_none_is_named(
    collector: str, server: RunningServer, tmp_path: Path
) -> None:
    adjutant = Adjutant(server, tmp_path)
    words = ("caldav", "https://localhost:9", "ana") if collector == "caldav" else ("imap", "ana@localhost")
    nowhere, empty = tmp_path / "nowhere.crt", tmp_path / "empty.crt"
    empty.touch()
    for file, why in ((nowhere, "cannot be read: No such file or directory"), (empty, "has no certificate")):
        status, said = await adjutant("connect", *words, "--ca", file, stdin=f"{PLANTED}\n")
        assert (status, f"--ca: {file} {why}" in said) == (1, True), said
