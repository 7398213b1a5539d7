"""A call as an order for a fault sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from auth0_mfa_emulator.wire import decoded


@dataclass(frozen=True)
class CallView:
    """One call. Nothing of it is parsed until an order wants to know."""

    scope: Scope
    body: bytes

    @property
    def method(self) -> str:
        """In capitals."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """Decoded."""
        return str(self.scope["path"])

    @cached_property
    def headers(self) -> Headers:
        """By name, whatever its case."""
        return Headers(scope=self.scope)

    @cached_property
    def members(self) -> Mapping[str, object]:
        """The members of the query and of the JSON or form body; the body's win. What cannot be read has none."""
        query = QueryParams(self.scope["query_string"])
        try:
            body = decoded(self.body, self.headers.get("content-type", ""))
        except ValueError:
            body = None
        return {**query, **(body if isinstance(body, dict) else {})}
