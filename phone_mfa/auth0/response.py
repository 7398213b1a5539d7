"""Parses an HTTP response from Auth0 into a value or an error. Sends nothing."""

from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from .error_rules import KNOWN_CODES, UNKNOWN_CODE, Call, error_for
from .errors import Auth0Error, InvalidResponseError, RateLimitedError, ServerFailedError
from .retry_after import retry_after_seconds

_Shape = TypeVar("_Shape")
_ANYTHING: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class _ErrorBody(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)

    error: str
    error_description: str = ""
    error_code: str = Field(default="", alias="errorCode")  # where the Management API puts it
    message: str = ""  # the Management API's description

    @property
    def code(self) -> str:
        return self.error_code or self.error

    @property
    def description(self) -> str:
        return self.error_description or self.message


@dataclass(frozen=True, slots=True)
class Reply:
    """The response to a call. ``body`` is None if it exceeded the size limit (256 KiB, see ``transport``)."""

    call: Call
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes | None = field(repr=False)

    @property
    def requires_mfa(self) -> bool:
        """Whether Auth0 requires another factor (Auth0 docs: 403 ``mfa_required``)."""
        body = self._error_body()
        return 400 <= self.status < 500 and body is not None and body.error == "mfa_required"

    def read(self, shape: TypeAdapter[_Shape]) -> _Shape:
        """Returns the value of a successful answer.

        Raises:
            Auth0Error: The answer is a refusal, a failure, or does not have that shape.
        """
        if not 200 <= self.status < 300:
            raise self._failure()
        if self._error_body():
            raise self._error(InvalidResponseError)
        return self.parse(shape)

    def done(self) -> None:
        """Check that the call succeeded: 204, or another 2xx with JSON of any shape.

        Raises:
            Auth0Error: The answer is a refusal, a failure, or not JSON.
        """
        if self.status != 204:
            self.read(_ANYTHING)

    def parse(self, shape: TypeAdapter[_Shape]) -> _Shape:
        """Parse the body, whatever the status.

        Raises:
            InvalidResponseError: The body has another shape or is not JSON.
        """
        try:
            return shape.validate_json(self.body or b"")
        except ValidationError:
            raise self._error(InvalidResponseError) from None

    def _failure(self) -> Auth0Error:
        body = self._error_body()
        if 400 <= self.status and body:
            error_class, description = error_for(self.call, self.status, body.code, body.description)
            code = body.code if body.code in KNOWN_CODES else UNKNOWN_CODE
            return self._error(error_class, error=code, description=description)
        if self.status >= 500:
            return self._error(ServerFailedError)
        return self._error(RateLimitedError if self.status == 429 else InvalidResponseError)

    def _error_body(self) -> _ErrorBody | None:
        try:
            return _ErrorBody.model_validate_json(self.body or b"")
        except ValidationError:
            return None

    def _error(self, error_class: type[Auth0Error], *, error: str = "", description: str = "") -> Auth0Error:
        wait = retry_after_seconds(self.status, self.headers)
        return error_class(status=self.status, error=error, description=description, retry_after_seconds=wait)
