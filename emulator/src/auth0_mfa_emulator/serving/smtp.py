"""SMTP listener: whatever an application mails arrives in the emulated mailboxes, whoever it is addressed to.

Every sender, and every user name and password, is accepted. Nothing is relayed.
"""

import asyncio
import logging
import re
import socket
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from auth0_mfa_emulator.phone.mail import Mail, mail_of
from auth0_mfa_emulator.phone.message import Draft, recipient
from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.storage.state_file import StateError

MAX_MAIL_BYTES = 1_048_576
"""Maximum size of a mail, which is announced; the same as that of a request."""
MAX_RECIPIENTS = 100
"""Recipients of one mail: what every server must take (RFC 5321, 4.5.3.1.8)."""
_MAX_LINE_BYTES = 1_048_576
_REFUSED = "550 5.1.1 The recipient is refused."
_ADDRESS = re.compile(r"[^@\s]{1,255}@[^@\s]{1,255}")


class SmtpListener:
    """Serves SMTP on a listening socket, with STARTTLS if there is a TLS context."""

    def __init__(self, emulator: Emulator, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._emulator, self._listening, self._tls = emulator, listening, tls
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """The address, such as `smtp://127.0.0.1:2525`."""
        host, port = self._listening.getsockname()[:2]
        return f"smtp://[{host}]:{port}" if ":" in host else f"smtp://{host}:{port}"

    async def start(self) -> None:
        """Accept connections."""
        # The library logs commands of clients, and what is wrong with them.
        logging.getLogger("mail").setLevel(logging.CRITICAL)
        self._server = await asyncio.get_running_loop().create_server(self._protocol, sock=self._listening)
        self._emulator.smtp_port = self._listening.getsockname()[1]

    def stop(self) -> None:
        """Accept no more connections."""
        if self._server:
            self._server.close()

    def _protocol(self) -> SMTP:
        return _Protocol(
            _Mailbox(self._emulator),
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="emulator",
            ident="ESMTP",
            tls_context=self._tls,
            auth_require_tls=False,
            authenticator=_anybody,
            loop=asyncio.get_running_loop(),
        )


class _Protocol(SMTP):
    """The library's protocol, which keeps the whole of a line until its end, with a limit to that."""

    _unfinished = 0

    def data_received(self, data: bytes) -> None:
        rest = len(data) - data.rfind(b"\n") - 1
        self._unfinished = rest if rest < len(data) else self._unfinished + rest
        if self._unfinished <= _MAX_LINE_BYTES:
            super().data_received(data)
        elif isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Mailbox:
    """Accepts mails for all recipients, as the ordered message faults specify."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept or refuse a recipient."""
        if not _ADDRESS.fullmatch(address) or not address.isprintable():
            return "553 5.1.3 The recipient is not an e-mail address."
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return f"452 4.5.3 A mail can have {MAX_RECIPIENTS} recipients."
        if self._emulator.tenant.inbox.faults.refuses(_draft(address)):
            self._emulator.save()
            return _REFUSED
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Deliver a mail to each recipient once."""
        # In a thread: the parser of the standard library takes seconds for hostile mails.
        mail = await asyncio.to_thread(mail_of, envelope.original_content or b"", envelope.mail_from or "")
        tenant = self._emulator.tenant
        recipients = {recipient(to): to for to in envelope.rcpt_tos}
        sent = [tenant.inbox.send(_draft(to, mail), tenant.clock.now()) for to in recipients.values()]
        self._emulator.save()
        return _REFUSED if all(delivery.refused for delivery in sent) else "250 2.0.0 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Report a mail that cannot be kept; nothing else should raise."""
        if isinstance(error, StateError):
            return f"451 4.3.0 {error}"
        return "451 4.3.0 The command failed."


def _draft(to: str, mail: Mail | None = None) -> Draft:
    return Draft(to, "email", None, None, "", mail=mail)


def _anybody(*_: Any) -> AuthResult:
    return AuthResult(success=True)
