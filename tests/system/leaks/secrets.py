"""Every secret that existed in a run, and in which shape each betrays itself.

Three shapes: a text, betrayed by a piece of it; a code of six digits, betrayed only by standing alone; a phone number,
betrayed by its digits, however they are grouped. Knows no place where a secret might be.
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Final

PIECE: Final = 16
"""Characters of a long secret that betray it: nobody has as many in common with it by chance."""

SHORTEST: Final = 12
"""Characters that a text must have to be searched for. What is made up for a run is longer."""

NUMBER_DIGITS: Final = 10
"""The last digits of a number, which every way to write it ends with."""

_CODE: Final = re.compile(r"[0-9]{6}")
_PUBLIC: Final = re.compile(r"SERVER_[0-9]+|[0-9]+")
"""Parts of Auth0's opaque tokens that hold times."""


@dataclass(frozen=True, slots=True)
class Text:
    """A secret as bytes. ``piece``: how many of them, in a row, betray it."""

    kind: str
    value: bytes = field(repr=False)
    piece: int


@dataclass
class Secrets:
    """All that must be nowhere."""

    texts: set[Text] = field(default_factory=set)
    codes: set[bytes] = field(default_factory=set)
    numbers: set[bytes] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.texts) + len(self.codes) + len(self.numbers)

    @property
    def kinds(self) -> set[str]:
        """What there is something of."""
        shapes = {"binding code": self.codes, "phone number": self.numbers}
        return {text.kind for text in self.texts} | {kind for kind, held in shapes.items() if held}

    def whole(self, kind: str, value: str) -> None:
        """A secret that only all of it betrays: an address, a password, a recovery code."""
        assert len(value) >= SHORTEST, f"too short to be told from anything else: {kind}"
        self.texts.add(Text(kind, value.encode(), len(value)))

    def token(self, kind: str, value: str) -> None:
        """A long secret. Its parts are searched for one by one, without those that tell nothing."""
        if value.startswith("eyJ"):  # a JWT: its header is no secret, and its claims speak of scopes as others do
            _, claims, value = value.split(".")
            self.texts.add(Text(kind, claims.encode(), len(claims)))
        for part in value.split("*"):
            if len(part) >= SHORTEST and not _PUBLIC.fullmatch(part):
                self.texts.add(Text(kind, part.encode(), min(PIECE, len(part))))

    def key(self, kind: str, value: bytes) -> None:
        """The bytes of a key, and the ways they are written as text."""
        escaped = repr(value)[2:-1]
        octal = "".join(chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in value)
        in_base64 = (base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode())
        for text in (*in_base64, value.hex(), value.hex().upper(), escaped, octal):
            self.texts.add(Text(kind, text.rstrip("=").encode(), PIECE))
        self.texts.add(Text(kind, value, PIECE))

    def number(self, value: str) -> None:
        """A phone number in E.164."""
        self.numbers.add(re.sub(r"\D", "", value)[-NUMBER_DIGITS:].encode())

    def code(self, value: str) -> None:
        """A code of six digits."""
        if _CODE.fullmatch(value):
            self.codes.add(value.encode())

    def member(self, name: str, value: str) -> None:
        """What stood under a name in a message to or from Auth0, or in what the tenant keeps."""
        kind = _KINDS.get(name)
        if not value or kind is None:
            return
        match kind:
            case "binding code":
                self.code(value)
            case "phone number":
                self.number(value)
            case "user" | "password" | "client secret" | "recovery code":
                self.whole(kind, value)
            case _:
                self.token(kind, value)


_KINDS: Final = {
    "access_token": "access token",
    "binding_code": "binding code",
    "client_secret": "client secret",
    "code": "binding code",
    "device_code": "device code",
    "email": "user",
    "id": "user",
    "id_token": "id token",
    "mfa_token": "mfa_token",
    "oob_code": "oob_code",
    "password": "password",
    "phone_number": "phone number",
    "recovery_code": "recovery code",
    "refresh_token": "refresh token",
    "token": "mfa_token",
    "username": "user",
}
"""By the name of a member. ``token`` is the tenant's own name for what stands for a login."""
