"""View of a call that faults are matched against."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from auth0_mfa_emulator.wire import decoded


@dataclass(frozen=True)
class CallView:
    """One call, parsed lazily."""

    scope: Scope
    body: bytes

    @property
    def method(self) -> str:
        """The method, in upper case."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.scope["path"])

    @cached_property
    def headers(self) -> Headers:
        """The headers, by case-insensitive name."""
        return Headers(scope=self.scope)

    @cached_property
    def members(self) -> Mapping[str, object]:
        """Members of the query and of the JSON or form body, which takes precedence. An unreadable body has none."""
        query = QueryParams(self.scope["query_string"])
        try:
            body = decoded(self.body, self.headers.get("content-type", ""))
        except ValueError:
            body = None
        return {**query, **(body if isinstance(body, dict) else {})}
