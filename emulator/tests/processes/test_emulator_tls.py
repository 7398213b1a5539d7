"""HTTPS: the emulator's own authority, reused from its folder, and a port that survives plain-text input."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from emulator.tests.secured import secured
from emulator.tests.visitor import Visitor


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_whoever_trusts_the_authority_reaches_the_emulator_by_each_of_its_names(host: str) -> None:
    with secured() as emulator:
        context = ssl.create_default_context(cafile=emulator.authority)
        answer = httpx.get(f"https://{host}:{emulator.port}/.well-known/openid-configuration", verify=context)
        assert answer.json()["issuer"] == f"https://{host}:{emulator.port}/"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(emulator.address, verify=ssl.create_default_context())


def test_the_certificate_names_the_host_and_lives_no_longer_than_browsers_allow() -> None:
    with secured("--host", "127.0.0.2") as emulator:
        pem = ssl.get_server_certificate(("127.0.0.2", emulator.port))
        assert emulator.healthy()
    shown = x509.load_pem_x509_certificate(pem.encode())
    named = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in named] == ["localhost", "127.0.0.1", "::1", "127.0.0.2"]
    assert shown.not_valid_after_utc - shown.not_valid_before_utc < timedelta(days=825)


def test_without_a_folder_the_authority_is_private_and_gone_at_the_end() -> None:
    with secured() as emulator:
        folder = emulator.authority.parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        emulator.process.send_signal(signal.SIGTERM)
        assert emulator.process.wait(5) == 0
        assert not folder.exists()


def test_an_authority_in_a_folder_is_made_once_and_its_key_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with secured(str(folder)) as emulator:
        first = emulator.authority.read_bytes()
        assert emulator.authority == folder / "emulator-ca.pem"
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {
        "emulator-ca.pem": 0o644,
        "emulator-ca-key.pem": 0o600,
    }
    with secured(str(folder)) as emulator:
        assert emulator.authority.read_bytes() == first
        assert emulator.healthy()


@pytest.mark.parametrize("damage", ["truncated", "empty", "gone", "of another pair", "not a key", "expired"])
def test_an_authority_that_cannot_be_used_is_made_anew(tmp_path: Path, damage: str) -> None:
    certificate, key = tmp_path / "emulator-ca.pem", tmp_path / "emulator-ca-key.pem"
    trustme.CA().cert_pem.write_to_path(certificate)
    authority = trustme.CA()
    if damage == "expired":
        certificate.write_bytes(_expired(authority))
    contents = {
        "truncated": authority.private_key_pem.bytes()[:80],
        "empty": b"",
        "not a key": certificate.read_bytes(),
    }
    if damage != "gone":
        key.write_bytes(contents.get(damage, authority.private_key_pem.bytes()))
    before = certificate.read_bytes()
    with secured(str(tmp_path)) as emulator:
        assert certificate.read_bytes() != before
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert emulator.healthy()


@pytest.mark.parametrize("options", [("--tls", "/dev/null/x"), ("--host", "a_b", "--tls")])
def test_https_that_cannot_be_served_is_one_sentence_and_a_failure(options: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("emulator cannot serve HTTPS: ")
    assert ended.stderr.count("\n") == 1


def test_nothing_sent_in_clear_and_no_unfinished_handshake_hurts_it() -> None:
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    with secured() as emulator, contextlib.ExitStack() as stack:
        for sent in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"",
            hello,
            os.urandom(3000),
            b"\x15\x03\x01\x00\x02\x02\x00",
        ):
            _poke(emulator.port, sent)
            left_open = stack.enter_context(socket.create_connection(("127.0.0.1", emulator.port)))
            left_open.sendall(sent)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"http://127.0.0.1:{emulator.port}/_control/health")
        assert emulator.healthy()
        emulator.process.send_signal(signal.SIGTERM)
        assert emulator.process.wait(5) == 0
        assert emulator.process.stderr
        assert emulator.process.stderr.read() == ""


async def test_faults_reach_the_connection_under_the_encryption() -> None:
    with secured() as emulator:
        async with emulator.trusting() as http:
            visitor = Visitor(http)
            await visitor.fault("GET", "/.well-known/jwks.json", "reset")
            with pytest.raises(httpx.ReadError):
                await http.get("/.well-known/jwks.json")
            await visitor.fault("GET", "/.well-known/jwks.json", "drop_response")
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                await http.get("/.well-known/jwks.json")
            record = await visitor.control("GET", "requests")
            assert [call["status"] for call in record] == [None, 200]
            assert (await http.get("/.well-known/jwks.json")).status_code == 200


async def test_a_reset_is_one_on_the_wire_under_the_encryption_too() -> None:
    with secured() as emulator:
        async with emulator.trusting() as http:
            await Visitor(http).fault("GET", "/x", "reset")
        context = ssl.create_default_context(cafile=emulator.authority)
        reader, writer = await asyncio.open_connection("localhost", emulator.port, ssl=context)
        writer.write(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_tokens_name_the_https_address() -> None:
    with secured() as emulator:
        async with emulator.trusting() as http:
            visitor = Visitor(http)
            person = await visitor.person()
            await visitor.enroll(person)
            tokens = await visitor.pass_challenge(person, audience=visitor.mfa_audience, scope="openid enroll")
    for token in (tokens["access_token"], tokens["id_token"]):
        assert jwt.decode(token, options={"verify_signature": False})["iss"] == f"{emulator.address}/"


def _poke(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)


def _expired(authority: trustme.CA) -> bytes:
    known = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    private = load_pem_private_key(authority.private_key_pem.bytes(), None)
    builder = x509.CertificateBuilder(known.subject, known.subject, known.public_key(), known.serial_number)
    builder = builder.not_valid_before(known.not_valid_before_utc)
    builder = builder.not_valid_after(datetime.now(UTC) - timedelta(hours=1))
    for extension in known.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)  # type: ignore[arg-type]


async def test_over_https_cookies_work_in_frames_of_other_sites_too() -> None:
    with secured() as emulator:
        async with emulator.trusting() as http:
            asked = {"client_id": "spa-client", "response_type": "code"}
            answer = await http.get("/authorize", params=asked)
            cookies = {cookie.partition("=")[0]: cookie for cookie in answer.headers.get_list("set-cookie")}
    assert all("HttpOnly" in cookie and "Secure" in cookie for cookie in cookies.values())
    assert ("SameSite=none" in cookies["did"], "SameSite" in cookies["did_compat"]) == (True, False)
