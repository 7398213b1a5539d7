"""Mails from outside, as an application sends them by SMTP: their sender, subject and text.

An HTML mail is shown as text, each link behind the words that it is on. Attachments and images are not read.
"""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from html import unescape

MOST_TEXT = 100_000
"""Characters of a mail's text that are kept."""
MOST_NESTED = 20
"""Parts that hold parts; a mail with an attached mail has three or four."""
MOST_PARTS = 1_000
"""Lines that may begin a part."""
MOST_HEADER = 1_000
"""Characters of a header that are read."""
_CONTENT = re.compile(rb"^content-[a-z-]+:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)
"""Headers of a mail or part that describe what it contains."""
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

    A mail that cannot be understood, or only in seconds, is shown as it came.
    """
    try:
        _check_size(content)
        message = message_from_bytes(content)
        shown = Mail(_header(message, "from") or sender, _header(message, "subject"), _text_of(message))
    except Exception:  # for malformed mails, the library raises errors of many kinds
        shown = Mail(sender, "", content.decode("utf-8", "replace"))
    text = shown.text.replace("\r\n", "\n").strip()[:MOST_TEXT]
    return Mail(_line(shown.sender), _line(shown.subject), _encodable(text))


def _check_size(content: bytes) -> None:
    """Raises ValueError for a mail with so much structure that the library takes seconds to parse it."""
    lower = content.lower()
    nested, parts = lower.count(b"multipart/") + lower.count(b"message/"), lower.count(b"\n--")
    if nested > MOST_NESTED or parts > MOST_PARTS or any(len(one) > MOST_HEADER for one in _CONTENT.findall(lower)):
        raise ValueError


def _header(message: Message, name: str) -> str:
    """Returns a decoded header; only its beginning is parsed, as the library takes memory without bounds for it."""
    given = next((str(value) for known, value in message.raw_items() if known.lower() == name), "")
    text = given[:MOST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return str(default.header_factory("subject", " ".join(text.split())))


def _text_of(message: Message) -> str:
    parts = [part for part in message.walk() if part.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind:
                text = _decoded(part)
                return text_of_html(text[:MOST_TEXT]) if kind == "text/html" else text
    return ""


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # an unknown charset
        return content.decode("utf-8", "replace")


def _line(header: str) -> str:
    return _encodable(" ".join(header.split())[:MOST_HEADER])


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
