"""Entity tags (RFC 9110, 8.8.3) of any content, and of a flow's view, so that clients do not fetch it twice."""

import hashlib
from dataclasses import dataclass
from typing import Self

from phone_mfa.contracts import FlowView, Phase


@dataclass(frozen=True, slots=True)
class ViewDocument:
    """A view with its JSON and its tag."""

    view: FlowView
    text: str
    tag: str

    @classmethod
    def of(cls, view: FlowView) -> Self:
        """The document of a view."""
        text = view.model_dump_json()
        return cls(view, text, tag_of(text))

    def to(self, service: bool) -> Self:
        """The document for a service or a browser; only services see why a flow failed."""
        if service or not self.view.failure:
            return self
        failure = "The flow failed." if self.view.phase is Phase.FAILED else ""
        return self.of(self.view.model_copy(update={"failure": failure}))

    @property
    def etag(self) -> str:
        """The value of the ETag header."""
        return f'"{self.tag}"'


def tag_of(content: str | bytes) -> str:
    """The tag of the content, without quotes."""
    given = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(given).hexdigest()[:32]


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether ``If-None-Match`` contains the tag."""
    known = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return f'"{tag}"' in known or "*" in known
