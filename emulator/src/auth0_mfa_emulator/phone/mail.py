"""Mails from outside, as an application sends them by SMTP: their sender, subject and text.

An HTML mail is shown as text, each link behind the words that it is on. Attachments and images are not read.
"""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape

MOST_TEXT = 100_000
"""Characters of a mail's text that are kept."""
_MOST_HEADER = 1_000
_BLOCKS = {"br", "div", "p", "tr", "li", "table", "ul", "ol", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
_UNSHOWN = {"script", "style", "template", "title"}
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<closing>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>"
    r"|<[!?/][^<>]*>"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


@dataclass(frozen=True)
class Mail:
    """What a mailbox shows of a mail."""

    sender: str
    subject: str
    text: str


def mail_of(content: bytes, sender: str) -> Mail:
    """Returns the mail in `content` (RFC 5322). `sender` is that of the envelope, if no header names one.

    A mail that cannot be understood is shown as it came.
    """
    try:
        message = message_from_bytes(content, policy=default)
        shown = Mail(str(message["from"] or sender), str(message["subject"] or ""), _text_of(message))
    except Exception:  # for malformed mails, the library raises errors of many kinds
        shown = Mail(sender, "", content.decode("utf-8", "replace"))
    return Mail(
        _line(shown.sender), _line(shown.subject), _encodable(shown.text.replace("\r\n", "\n").strip()[:MOST_TEXT])
    )


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content: bytes = part.get_payload(decode=True) or b""  # type: ignore[assignment]  # bytes, as the part has no parts
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # an unknown charset
        text = content.decode("utf-8", "replace")
    return text_of_html(text[:MOST_TEXT]) if part.get_content_subtype() == "html" else text


def _line(header: str) -> str:
    return _encodable(" ".join(header.split())[:_MOST_HEADER])


def _encodable(text: str) -> str:
    """Replaces lone surrogates, which stand for bytes that were not UTF-8."""
    return text.encode("utf-8", "replace").decode()


def text_of_html(html: str) -> str:
    """Returns the text of an HTML page, and after each link its address, if it is http or https.

    One pass of a regular expression, in linear time: the parser of the standard library takes minutes for hostile text.
    """
    page = _Page()
    for token in _TOKEN.finditer(html):
        page.read(token)
    lines = [" ".join(line.split()) for line in "".join(page.pieces).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@dataclass
class _Page:
    """The text so far. `unshown` is the element that is skipped, `link` the address of the link that is open."""

    pieces: list[str] = field(default_factory=list)
    unshown: str = ""
    link: str = ""
    link_start: int = 0

    def read(self, token: re.Match[str]) -> None:
        """Add one tag, comment or piece of text."""
        tag, closing = (token["tag"] or "").lower(), bool(token["closing"])
        if self.unshown:
            self.unshown = "" if closing and tag == self.unshown else self.unshown
        elif token["text"]:
            self.pieces.append(re.sub(r"\s+", " ", unescape(token["text"])))
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in _UNSHOWN and not closing:
            self.unshown = tag
        elif tag == "a":
            self._close_link()
            self._open_link(token["attributes"])

    def _open_link(self, attributes: str) -> None:
        found = _HREF.search(attributes)
        link = unescape(next(filter(None, found.groups()), "")).strip() if found else ""
        self.link = link if link.lower().startswith(("http://", "https://")) else ""
        self.link_start = len(self.pieces)

    def _close_link(self) -> None:
        words = "".join(self.pieces[self.link_start :]).strip()
        if self.link and words != self.link:
            self.pieces.append(f" ({self.link})" if words else self.link)
        self.link = ""
