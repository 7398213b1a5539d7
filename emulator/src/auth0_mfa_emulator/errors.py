"""Error responses of the emulator, in the formats of its three APIs.

The Authentication API returns `{"error", "error_description"}`, the Management API `{"statusCode", "error",
"message"}`, the control plane `{"error": "<one sentence>"}`. Texts are Auth0's where a recording, an SDK or a public
report shows them (reference, section 3). Responses that no source settles are not defined here: `unsettled` names a
tenant setting.
"""

from collections.abc import Mapping
from http import HTTPStatus

_TOO_MANY_CALLS = "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers."
"""Auth0 docs, Authentication API introduction."""


class RefusedError(Exception):
    """An error response."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class UnsettledError(Exception):
    """A refusal whose status or text no source settles: `name` is the setting in `refusals` that defines it."""

    def __init__(self, name: str, details: Mapping[str, str], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.details = details
        self.headers = dict(headers or {})


def described(refusal: UnsettledError, description: str) -> str:
    """Returns a description with the placeholders filled that the refusal knows; others stay as they are."""
    for word, filling in refusal.details.items():
        description = description.replace(f"{{{word}}}", filling)
    return description


def unsettled(switch: str, headers: Mapping[str, str] | None = None, **details: str) -> UnsettledError:
    """Returns the refusal that this setting defines; `details` fill the placeholders in its description."""
    return UnsettledError(switch, details, headers)


def refused(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """Returns an error of the Authentication API."""
    return RefusedError(status, {"error": error, "error_description": description}, headers)


def invalid_request(description: str) -> RefusedError:
    """400 invalid_request."""
    return refused(400, "invalid_request", description)


def missing(parameter: str) -> RefusedError:
    """400 for a parameter that is absent, null or empty (oauth2orize-mfa)."""
    return invalid_request(f"Missing required parameter: {parameter}")


def invalid_grant(description: str) -> RefusedError:
    """403 invalid_grant, as recorded for other grants."""
    return refused(403, "invalid_grant", description)


def mfa_required(mfa_token: str, requirements: Mapping[str, object] | None = None) -> RefusedError:
    """403 mfa_required, with the token for the remaining steps of the login."""
    body: dict[str, object] = {"error": "mfa_required", "error_description": "Multifactor authentication required"}
    body["mfa_token"] = mfa_token
    return RefusedError(403, body | ({"mfa_requirements": requirements} if requirements else {}))


def rejected(status: int, error: str) -> RefusedError:
    """A denied push (400 access_denied, recorded) or a wrong recovery code (403 invalid_grant)."""
    return refused(status, error, "MFA Authorization rejected.")


def invalid_bearer() -> RefusedError:
    """401 for a bearer that is absent, garbage, expired or of the wrong kind (auth0.net integration tests)."""
    return refused(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")


def grant_not_allowed(grant_type: str) -> RefusedError:
    """403 for a grant that is not enabled for the application."""
    return refused(403, "unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")


def unsupported_challenge_type(description: str) -> RefusedError:
    """401 for a challenge type that none of the user's authenticators supports (Auth0.swift issue 1262)."""
    return refused(401, "unsupported_challenge_type", description)


def management(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> RefusedError:
    """Returns an error of the Management API."""
    body = {"statusCode": status, "error": HTTPStatus(status).phrase, "message": message}
    return RefusedError(status, body | ({"errorCode": code} if code else {}), headers)


def invalid_token(message: str) -> RefusedError:
    """401 of the Management API, which says twice what is the matter (auth0-drupal, issue 130)."""
    refusal = management(401, message)
    return RefusedError(401, {**refusal.body, "attributes": {"error": message}})


def invalid_query(message: str) -> RefusedError:
    """400 invalid_query_string, of the Management API."""
    return management(400, f"Query validation error: {message}", "invalid_query_string")


def invalid_body(message: str) -> RefusedError:
    """400 invalid_body, of the Management API."""
    return management(400, message, "invalid_body")


def control(sentence: str, status: int = 400, headers: Mapping[str, str] | None = None) -> RefusedError:
    """Returns an error of the control plane: one sentence that names the field."""
    return RefusedError(status, {"error": sentence}, headers)


def too_many_calls(path: str) -> RefusedError:
    """429 of the limit on all calls of the API that owns `path`."""
    if path.startswith("/api/v2/"):
        return management(429, "Global limit has been reached", "too_many_requests")
    return refused(429, "too_many_requests", _TOO_MANY_CALLS)


def for_path(path: str, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """Returns the error in the format of the API that owns `path`."""
    if path.startswith(("/_control/", "/_phone")) or path == "/_control":
        return control(message, status, headers)
    if path.startswith("/api/v2/"):
        return management(status, message, code, headers)
    return refused(status, code, message, headers)
