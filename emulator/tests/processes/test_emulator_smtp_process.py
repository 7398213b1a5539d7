"""The SMTP listener of a process: the line that it prints, STARTTLS, the state file, and the end."""

import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

ADA = "ada@example.com"
MAIL = "From: app@acme.example\r\nSubject: invited\r\n\r\nhttps://acme.example/i"


@contextmanager
def emulator(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A process, and the addresses that it prints, by what they are of."""
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--smtp-port", "0", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        try:
            printed = dict[str, str]()
            while "emulator listening on" not in printed:
                line = process.stdout.readline()
                assert line, process.stderr and process.stderr.read()
                what, _, address = line.strip().rpartition(" ")
                printed[what] = address
            yield process, printed
        finally:
            process.kill()


def mailbox(printed: dict[str, str]) -> tuple[str, int]:
    parts = urlsplit(printed["mailboxes listening on"])
    assert parts.scheme == "smtp"
    return str(parts.hostname), int(parts.port or 0)


def received(printed: dict[str, str]) -> list[str]:
    answer = httpx.get(f"{printed['emulator listening on']}/_control/messages", params={"to": ADA})
    return [mail["subject"] for mail in answer.json()]


def test_mails_outlive_a_kill_delayed_ones_too(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with emulator("--state", state) as (process, printed):
        with smtplib.SMTP(*mailbox(printed)) as client:
            client.sendmail("app@acme.example", [ADA], MAIL)
            fault = {"kind": "delay", "to": ADA, "seconds": 60}
            httpx.post(f"{printed['emulator listening on']}/_control/message-faults", json=fault)
            client.sendmail("app@acme.example", [ADA], MAIL.replace("invited", "late"))
            process.kill()
    with emulator("--state", state) as (_, printed):
        assert received(printed) == ["invited"]
        httpx.post(f"{printed['emulator listening on']}/_control/clock", json={"advance_seconds": 60})
        assert received(printed) == ["invited", "late"]
        (first, _) = httpx.get(f"{printed['emulator listening on']}/_control/messages").json()
        assert (first["from"], first["links"]) == ("app@acme.example", ["https://acme.example/i"])


def test_with_tls_a_client_can_encrypt_and_need_not() -> None:
    with emulator("--tls") as (process, printed):
        trusting = ssl.create_default_context(cafile=printed["certificate authority:"])
        with smtplib.SMTP(*mailbox(printed)) as client:
            client.sendmail("app@acme.example", [ADA], MAIL)
        with smtplib.SMTP("localhost", mailbox(printed)[1]) as client:
            client.starttls(context=trusting)
            client.login("apikey", "secret")
            client.sendmail("app@acme.example", [ADA], MAIL)
        with smtplib.SMTP(*mailbox(printed)) as client, pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=ssl.create_default_context())
        answer = httpx.get(f"{printed['emulator listening on']}/_control/messages", verify=trusting)
        assert len(answer.json()) == 2
        process.terminate()
        assert process.wait(5) == 0
        assert process.stderr and process.stderr.read() == ""


def test_a_signal_ends_it_at_once_with_clients_connected_and_odd_commands_behind_it() -> None:
    with emulator() as (process, printed):
        with socket.create_connection(mailbox(printed)) as connection, smtplib.SMTP(*mailbox(printed)) as client:
            connection.sendall(b"EHLO a\r\nBREW\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ada@example.com>\r\nDATA\r\nhalf a mail")
            client.sendmail("app@acme.example", [ADA], MAIL)
            process.terminate()
            assert process.wait(5) == 0
        assert process.stderr and process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_sentence_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--smtp-port", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"emulator cannot listen on 127.0.0.1 port {port}: Address already in use")


def test_without_the_option_there_is_no_listener() -> None:
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().rpartition(" ")[2].strip()
        assert httpx.get(f"{address}/_control/smtp").json() == {"port": None}
        process.kill()
