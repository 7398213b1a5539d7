"""A status document as HTTP knows it: its text, and the tag that tells it from the one before."""

from dataclasses import dataclass
from typing import Self

from phone_mfa.contracts import FlowView, Phase

from .etags import tag_of


def without_cause(view: FlowView) -> FlowView:
    """The same for a browser: why a flow failed is for those who run it."""
    if not view.failure:
        return view
    failure = "The flow failed." if view.phase is Phase.FAILED else ""
    return view.model_copy(update={"failure": failure})


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
