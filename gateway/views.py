"""A status document as HTTP knows it: its text, and the tag that tells it from the one before."""

from dataclasses import dataclass
from typing import Self

from phone_mfa.contracts import FlowView, Phase

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

    def to(self, service: bool) -> Self:
        """The same for a browser, unless it is for a service: why a flow failed is for those who run it."""
        if service or not self.view.failure:
            return self
        failure = "The flow failed." if self.view.phase is Phase.FAILED else ""
        return self.of(self.view.model_copy(update={"failure": failure}))

    @property
    def etag(self) -> str:
        """The tag, as the header ETag has it."""
        return f'"{self.tag}"'
