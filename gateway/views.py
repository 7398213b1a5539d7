"""A status document as HTTP knows it: its text, and the tag that tells it from the one before."""

import hashlib
from dataclasses import dataclass
from typing import Self

from phone_mfa.contracts import FlowView


@dataclass(frozen=True, slots=True)
class Seen:
    """A view, its JSON, and its tag."""

    view: FlowView
    text: str
    tag: str

    @classmethod
    def of(cls, view: FlowView) -> Self:
        """The document of a view."""
        text = view.model_dump_json()
        return cls(view, text, hashlib.sha256(text.encode()).hexdigest()[:32])

    @property
    def etag(self) -> str:
        """The tag, as the header ETag has it."""
        return f'"{self.tag}"'
