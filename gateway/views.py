"""A status document as HTTP knows it: its text, and the tag that tells it from the one before."""

from dataclasses import dataclass
from typing import Self

from phone_mfa.contracts import FlowView

from .etags import tag_of


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
        return cls(view, text, tag_of(text))

    @property
    def etag(self) -> str:
        """The tag, as the header ETag has it."""
        return f'"{self.tag}"'
