"""What an application sends by SMTP lands in the mailboxes of the tenant."""

import asyncio
import base64
import smtplib
import socket
import time
from collections.abc import Iterable
from email.message import EmailMessage

import httpx
import pytest

from auth0_mfa_emulator.phone.inbox import Inbox
from auth0_mfa_emulator.phone.mail import MOST_TEXT, Mail, mail_of, text_of_html
from auth0_mfa_emulator.phone.message import Draft
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.phone.message_texts import links_in
from auth0_mfa_emulator.phone.received_messages import KEPT_TEXT, Received
from auth0_mfa_emulator.pytest_plugin import Tenant
from auth0_mfa_emulator.serving.smtp import MAX_MAIL_BYTES
from emulator.tests.listening import listening
from emulator.tests.visitor import Visitor

ADA, BEA = "ada@example.com", "bea@example.com"


@pytest.fixture
def port(auth0_emulator: Tenant, visitor: Visitor) -> int:
    return auth0_emulator.smtp_port


def invitation(
    text: str = "Welcome: https://acme.example/invite?token=a&b=1.", html: str | None = None
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Acme <no-reply@acme.example>", ADA, "You are invited"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


async def sent(port: int, mail: EmailMessage, to: Iterable[str] = (ADA,)) -> dict[str, tuple[int, bytes]]:
    """Send a mail, and return the refused recipients."""

    def send() -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            return client.send_message(mail, to_addrs=list(to))

    return await asyncio.to_thread(send)


def conversation(port: int, *commands: bytes) -> list[bytes]:
    """Send lines one by one, and return the last line of each response; the first is the greeting."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rb") as lines:

        def response() -> bytes:
            while (line := lines.readline())[3:4] == b"-":
                pass
            return line.strip()

        said = [response()]
        for command in commands:
            connection.sendall(command + b"\r\n")
            said.append(response())
        return said


async def test_an_invitation_lies_in_the_mailbox_with_its_link(port: int, visitor: Visitor) -> None:
    assert await sent(port, invitation()) == {}
    (mail,) = await visitor.messages(ADA)
    del mail["id"], mail["sent_at"], mail["delivered_at"]
    assert mail == {
        "to": ADA,
        "channel": "email",
        "code": None,
        "text": "Welcome: https://acme.example/invite?token=a&b=1.",
        "holder": "owner",
        "decision": None,
        "action": None,
        "subject": "You are invited",
        "from": "Acme <no-reply@acme.example>",
        "links": ["https://acme.example/invite?token=a&b=1"],
    }


async def test_the_tenants_own_mails_have_no_sender_and_lie_beside_it(port: int, visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.add_email(await visitor.mfa_token(person), ADA)
    await sent(port, invitation())
    assert [mail["from"] for mail in await visitor.messages(ADA)] == [None, "Acme <no-reply@acme.example>"]


async def test_a_mail_is_streamed_as_it_arrives(port: int, visitor: Visitor, http: httpx.AsyncClient) -> None:
    async with listening(http, ADA) as events:
        await events.until_ready()
        await sent(port, invitation())
        event = await asyncio.wait_for(events.next(), 10)
    assert (event.kind, event.data["subject"]) == ("message", "You are invited")


async def test_each_recipient_gets_it_once_hidden_ones_too(port: int, visitor: Visitor) -> None:
    await sent(port, invitation(), [ADA, BEA, "ADA@example.com"])
    for to in (ADA, BEA):
        assert len(await visitor.messages(to)) == 1


async def test_every_language_and_address_is_kept(port: int, visitor: Visitor) -> None:
    mail = invitation("Grüße, 你好 🎉\n")
    mail.replace_header("Subject", "Einladung für 你")
    del mail["To"]
    await sent(port, mail, ["jürgen@bücher.example"])
    (kept,) = await visitor.messages("jürgen@bücher.example")
    assert (kept["text"], kept["subject"]) == ("Grüße, 你好 🎉", "Einladung für 你")


async def test_a_mail_in_html_is_shown_as_text(port: int, visitor: Visitor) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b", "x"
    mail.set_content(
        "<html><head><title>no</title><style>p{}</style></head><body><h1>Hi  Ada</h1><script>no()</script>"
        "<p>Please <a href='https://acme.example/i?a=1&amp;b=2'>accept</a> &lt;now&gt;.</p>"
        "<a href='javascript:alert(1)'>not this</a><br><a href='https://acme.example'>https://acme.example</a>"
        "<a href='https://acme.example/logo'><img src=x></a></body></html>",
        subtype="html",
    )
    await sent(port, mail)
    (kept,) = await visitor.messages(ADA)
    assert kept["text"].splitlines() == [
        "Hi Ada",
        "",
        "Please accept (https://acme.example/i?a=1&b=2) <now>.",
        "not this",
        "https://acme.examplehttps://acme.example/logo",
    ]


def test_a_link_behind_its_words_is_found_whole() -> None:
    for link in ("https://a.example/", "https://a.example/wiki/A_(b)", "https://a.example/?q=(1)&r=2"):
        assert links_in(text_of_html(f"<p>See <a href='{link}'>this</a>.</p>")) == [link]


async def test_the_plain_text_is_preferred(port: int, visitor: Visitor) -> None:
    await sent(port, invitation("plain", "<p>rich</p>"))
    assert [mail["text"] for mail in await visitor.messages(ADA)] == ["plain"]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x, (http://b.example/y) or <HTTPS://c.example>.", 3),
        ("https://a.example/wiki/A_(b) and https://a.example/?q=1&r=(2)).", 2),
        ("https:// http://. https://) javascript:alert(1) ftp://a.example mailto:a@b data:text/html,x //a.example", 0),
        ('"https://a.example/"onclick="x', 1),
    ],
)
def test_links_are_web_addresses_without_what_surrounds_them(text: str, links: int) -> None:
    found = links_in(text)
    assert len(found) == links
    assert [link for link in found if link[-1] in ',.)"' and not link.endswith(("(b)", "(2)"))] == []


async def test_faults_meet_these_mails_too(port: int, visitor: Visitor) -> None:
    await visitor.message_fault("drop", to=ADA)
    await visitor.message_fault("delay", to=BEA, seconds=60)
    await visitor.message_fault("duplicate", to="cyd@example.com")
    await visitor.message_fault("fail", to="dan@example.com")
    await visitor.message_fault("invalid_number")
    await visitor.message_fault("drop", channel="sms")
    await sent(port, invitation(), [ADA, BEA, "cyd@example.com", "dan@example.com"])
    counts = [len(await visitor.messages(f"{name}@example.com")) for name in ("ada", "bea", "cyd", "dan")]
    assert counts == [0, 0, 2, 0]
    await visitor.advance(60)
    assert len(await visitor.messages(BEA)) == 1
    assert [order["kind"] for order in await visitor.control("GET", "message-faults")] == ["invalid_number", "drop"]


async def test_a_recipient_can_be_refused_and_the_others_get_it(port: int, visitor: Visitor) -> None:
    await visitor.message_fault("refuse", to=BEA)
    assert await sent(port, invitation(), [ADA, BEA]) == {BEA: (550, b"5.1.1 The recipient is refused.")}
    assert (len(await visitor.messages(ADA)), await visitor.messages(BEA)) == (1, [])
    await visitor.message_fault("refuse")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await sent(port, invitation())
    await sent(port, invitation())
    assert len(await visitor.messages(ADA)) == 2


async def test_a_refusal_ordered_after_a_loss_strikes_the_next_mail(port: int, visitor: Visitor) -> None:
    await visitor.message_fault("drop")
    await visitor.message_fault("refuse")
    assert await sent(port, invitation()) == {}
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await sent(port, invitation())
    assert await visitor.messages(ADA) == []


async def test_a_reset_empties_the_mailboxes_and_the_port_stays(port: int, visitor: Visitor) -> None:
    await sent(port, invitation())
    await visitor.control("POST", "reset")
    assert await visitor.messages(ADA) == []
    assert await visitor.control("GET", "smtp") == {"port": port}
    await sent(port, invitation())
    assert len(await visitor.messages(ADA)) == 1


async def test_any_user_name_and_password_are_accepted(port: int, visitor: Visitor) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.ehlo()
            assert client.has_extn("auth") and client.has_extn("smtputf8") and not client.has_extn("starttls")
            assert client.esmtp_features["size"] == "1048576"
            client.login("apikey", "SG.secret")
            client.send_message(invitation(), to_addrs=[ADA])

    await asyncio.to_thread(send)
    assert len(await visitor.messages(ADA)) == 1


async def test_what_is_too_large_is_refused_before_or_after_it_is_sent(port: int, visitor: Visitor) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
        await sent(port, invitation("x" * 70 + "\n" * 2 + "y\n" * 600_000))
    lines = b"\r\n".join([b"z" * 900] * 1_200)
    said = await asyncio.to_thread(
        conversation, port, b"EHLO a", b"MAIL FROM:<a@b>", b"RCPT TO:<ada@example.com>", b"DATA", lines + b"\r\n."
    )
    assert said[-1].startswith(b"552 ")
    assert await visitor.messages(ADA) == []


async def test_a_long_text_is_kept_up_to_a_limit(port: int, visitor: Visitor) -> None:
    await sent(port, invitation("word " * 40_000))
    (mail,) = await visitor.messages(ADA)
    assert MOST_TEXT - 10 <= len(mail["text"]) <= MOST_TEXT


@pytest.mark.parametrize(
    ("recipient", "answer"),
    [
        (b"<a>", b"553 "),
        (b"<@>", b"553 "),
        (b"<a@b\xff>", b"553 "),
        (b'<"a b"@c.example>', b"553 "),
        (b"<" + b"a" * 300 + b"@b>", b"553 "),
        (b"<a@b@c>", b"553 "),
        (b"", b"501 "),
    ],
)
async def test_a_recipient_that_is_no_address_is_refused(
    port: int, visitor: Visitor, recipient: bytes, answer: bytes
) -> None:
    said = await asyncio.to_thread(conversation, port, b"EHLO a", b"MAIL FROM:<>", b"RCPT TO:" + recipient)
    assert said[-1].startswith(answer), said
    assert await visitor.control("GET", "messages") == []


async def test_a_mail_has_a_hundred_recipients_at_most(port: int, visitor: Visitor) -> None:
    refused = await sent(port, invitation(), [f"user{number}@example.com" for number in range(102)])
    assert {code for code, _ in refused.values()} == {452}
    assert len(refused) == 2
    assert len(await visitor.control("GET", "messages")) == 100


MALFORMED = [
    b"",
    b"\r\n\r\n",
    b"no header at all",
    b"Subject: =?utf-8?b?////?= =?no-such?q?=ff?=\r\nFrom: <<<>>>\r\n\r\nbody \xff\xfe\x00",
    b"Content-Type: text/plain; charset=no-such\r\n\r\nhello",
    b"Content-Type: text/plain; charset=\xff\r\n\r\nhello",
    b"Content-Type: text/html; charset=utf-16\r\n\r\n<p>hello",
    b"Content-Type: multipart/mixed\r\n\r\nhello",
    b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n--x--",
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=",
    b"Content-Type: text/html\r\n\r\n<![foo<!doctype[<a href=<a href='https://x",
    b"From: =?utf-8?q?=ed=a0=80?=\r\nSubject: \xed\xa0\x80\r\n\r\n\xed\xa0\x80",
    b"From: a@b, @, ;:<>\r\nTo: \x00\r\nDate: x\r\nMessage-ID: <\r\n\r\nhi",
    b"Content-Type: " + b"a" * 900 + b";" * 50 + b"\r\n\r\nhello",
    b"\r\n".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d" % (depth, depth) for depth in range(800)),
]


@pytest.mark.parametrize("content", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_mail_does_no_harm(port: int, visitor: Visitor, content: bytes) -> None:
    begin = (b"EHLO a", b"MAIL FROM:<app@acme.example>", b"RCPT TO:<ada@example.com>", b"DATA")
    said = await asyncio.to_thread(conversation, port, *begin, content + b"\r\n.")
    assert said[-1].startswith(b"250 ")
    (mail,) = await visitor.messages(ADA)
    assert mail["channel"] == "email"
    assert await visitor.control("GET", "health") == {"status": "ok"}


@pytest.mark.parametrize(
    "commands",
    [
        (b"\xff\xfe\x00",),
        (b"GET / HTTP/1.1",),
        (b"MAIL FROM:<a@b>",),
        (b"EHLO a", b"DATA"),
        (b"EHLO a", b"AUTH PLAIN !!!"),
        (b"EHLO a", b"AUTH LOGIN " + base64.b64encode(b"x"), b"*"),
        (b"EHLO a", b"STARTTLS"),
        (b"EHLO a", b"MAIL FROM:<a@b> SIZE=99999999999999"),
        (b"EHLO a", b"VRFY \xff", b"EXPN x", b"HELP \xff"),
        (b"A" * 5_000,),
    ],
)
async def test_a_conversation_out_of_order_is_answered_and_ends(
    port: int, visitor: Visitor, commands: tuple[bytes, ...]
) -> None:
    said = await asyncio.to_thread(conversation, port, *commands)
    assert all(line[:1] in b"2345" for line in said), said
    await sent(port, invitation())
    assert len(await visitor.messages(ADA)) == 1


async def test_a_line_without_an_end_is_cut_off(port: int, visitor: Visitor) -> None:
    def flood() -> int:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ada@example.com>\r\nDATA\r\n")
            for count in range(100):
                try:
                    connection.sendall(b"x" * 1_048_576)
                except OSError:
                    return count
            return 100

    assert await asyncio.to_thread(flood) < 20
    assert await visitor.messages(ADA) == []


def test_text_in_the_mailboxes_is_bounded() -> None:
    inbox, most = Inbox(), KEPT_TEXT // 1_000_000
    inbox.faults.add(MessageFault(kind="delay", to=BEA, times=None))
    mail = Mail("a@b", "x", "y" * 1_000_000)
    for to in (ADA, BEA):
        for _ in range(most + 20):
            inbox.send(Draft(to, "email", None, None, "", mail=mail), 0.0)
    assert (len(inbox.messages(ADA, 0.0)), len(inbox.underway)) == (most, most)
    assert (len(inbox.messages(BEA, 100.0)), inbox.messages(ADA, 100.0), len(inbox.underway)) == (most, [], 0)
    again = Inbox(received=Received(messages=inbox.received.messages))
    again.recall()
    again.send(Draft(ADA, "email", None, None, "", mail=mail), 200.0)
    assert len(again.messages(None, 200.0)) == most


def test_a_hostile_text_is_searched_for_links_in_linear_time() -> None:
    started = time.process_time()
    for piece in ("https://", "https://a", ")", ".)", "(", "https://a)"):
        links_in(piece * (MOST_TEXT // len(piece)))
        links_in("https://a" + piece * (MOST_TEXT // len(piece)))
    assert time.process_time() - started < 5  # a tenth of a second


def test_a_hostile_page_is_read_in_linear_time() -> None:
    pieces = ["<a ", "<a", "<!--", "<!-", "<![", "<a href='", '<a b="', "&#", "</", "<!", "<?", "<script>", "<p><!--"]
    started = time.process_time()
    for piece in [*pieces, "<", ">", "a ", "<a href=https://b>", "<p>", "\n", "<a x='>'", "href=", "<a \t\n"]:
        text_of_html(piece * (MOST_TEXT // len(piece)))
        text_of_html("<a " + piece * (MOST_TEXT // len(piece)) + ">")
    assert time.process_time() - started < 20  # a second or two


def test_a_hostile_mail_is_read_within_seconds_and_within_memory() -> None:
    nested = b"\r\n".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d" % (one, one) for one in range(19))
    heads = [b"Subject: ", b"From: ", b"Content-Type: text/plain; ", b"Content-Type: multipart/mixed; boundary=x; "]
    pieces = [
        b"=?utf-8?q?a?= ",
        b"a@b,",
        b"(",
        b'"',
        b"\r\n a",
        b"a=b;",
        b"a*0*=b;",
        b"\xff",
        b"\\",
        b"\r\n--x\r\n\r\na",
    ]
    started = time.process_time()
    for size in (900, MAX_MAIL_BYTES):
        for piece in pieces:
            for head in (*heads, nested):
                mail = mail_of((head + piece * (size // len(piece)))[:size] + b"\r\n\r\nx", "a@b")
                assert len(mail.subject) <= 1_000 and len(mail.sender) <= 1_000 and len(mail.text) <= MOST_TEXT
    assert time.process_time() - started < 60  # a few seconds, but hours and gigabytes if headers were parsed whole


def test_a_sender_is_that_of_the_envelope_without_a_header() -> None:
    assert mail_of(b"Subject:  a\r\n b\r\n\r\nc", "app@acme.example") == Mail("app@acme.example", "a b", "c")
