"""What the emulator answers when it refuses, in the three dialects it speaks.

The Authentication API says `{"error", "error_description"}`, the Management API `{"statusCode", "error", "message"}`,
the control plane `{"error": "<one sentence>"}`. Texts are Auth0's where a recording, an SDK or a public report shows
them (reference, section 3). A status given by name is one no source settles: the tenant's switches hold it.
"""

from collections.abc import Mapping
from http import HTTPStatus


class RefusedError(Exception):
    """An answer other than success. `status` is a number or the name of a field of `settings.Statuses`."""

    def __init__(self, status: int | str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def refused(status: int | str, error: str, description: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """A refusal of the Authentication API."""
    return RefusedError(status, {"error": error, "error_description": description}, headers)


def invalid_request(description: str, status: int | str = 400) -> RefusedError:
    """400 invalid_request."""
    return refused(status, "invalid_request", description)


def missing(parameter: str) -> RefusedError:
    """400 for a parameter that is absent, null or empty (oauth2orize-mfa)."""
    return invalid_request(f"Missing required parameter: {parameter}")


def invalid_grant(description: str) -> RefusedError:
    """403 invalid_grant, as recorded for other grants."""
    return refused(403, "invalid_grant", description)


def mfa_required(mfa_token: str) -> RefusedError:
    """403 mfa_required, with the token that the rest of the login is done with."""
    body = {"error": "mfa_required", "error_description": "Multifactor authentication required"}
    return RefusedError(403, body | {"mfa_token": mfa_token})


def expired(token_name: str) -> RefusedError:
    """An mfa_token or oob_code that ran out."""
    return refused("expired_token", "expired_token", f"{token_name} is expired")


def invalid_bearer() -> RefusedError:
    """401 for a bearer that is absent, garbage, expired or of the wrong kind (auth0.net integration tests)."""
    return refused(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")


def invalid_client() -> RefusedError:
    """401 for any failed client authentication."""
    return refused(401, "invalid_client", "Unauthorized")


def grant_not_allowed(grant_type: str) -> RefusedError:
    """403 for a grant the application has not enabled."""
    return refused(403, "unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")


def too_many_sms() -> RefusedError:
    """The user's budget of messages is spent; voice calls share it and the text."""
    return invalid_request("Too many SMS sent by the user. Wait for some minutes before retrying.", "too_many_sms")


def too_many_failed_codes() -> RefusedError:
    """The user's budget of wrong codes is spent; even a correct one is refused."""
    return invalid_request("Too many failed codes. Wait for some minutes before retrying.", "too_many_failed_codes")


def factor_unavailable(name: str) -> RefusedError:
    """A factor or channel the tenant has not enabled, or the emulator does not play."""
    return refused("factor_unavailable", "access_denied", f"The factor or channel {name} is not enabled.")


def unsupported_challenge_type(description: str) -> RefusedError:
    """401 for a challenge nothing the user enrolled can answer (Auth0.swift issue 1262)."""
    return refused(401, "unsupported_challenge_type", description)


def management(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> RefusedError:
    """A refusal of the Management API."""
    body = {"statusCode": status, "error": HTTPStatus(status).phrase, "message": message}
    return RefusedError(status, body | ({"errorCode": code} if code else {}), headers)


def control(sentence: str, status: int = 400) -> RefusedError:
    """A refusal of the control plane: one sentence that names the field."""
    return RefusedError(status, {"error": sentence})


def for_path(path: str, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """The same refusal in the dialect of whoever owns `path`."""
    if path.startswith("/_control/"):
        return control(message, status)
    if path.startswith("/api/v2/"):
        return management(status, message, code, headers)
    return refused(status, code, message, headers)
