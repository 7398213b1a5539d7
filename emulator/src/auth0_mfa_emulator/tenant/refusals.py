"""Error responses that no source settles (reference, sections 3 and 10), each a setting with a likely default.

Placeholders in braces in a description are filled in when the error is raised.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Status = Annotated[int, Field(ge=400, le=599)]


class Refusal(BaseModel):
    """One error response: HTTP status, `error`, `error_description`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    status: Status
    error: str
    description: str


def _says(status: int, error: str, description: str) -> Refusal:
    return Refusal(status=status, error=error, description=description)


class Refusals(BaseModel):
    """All unsettled error responses, by name."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    # Seen at /oauth/token (auth0-spa-js #454, node-auth0 #582), and as long as a recorded 401 there whose body was
    # redacted (go-auth0, TestLoginWithAuthCodeWithPKCE). Auth0's documentation says invalid_client instead.
    invalid_client: Refusal = _says(401, "access_denied", "Unauthorized")
    unsupported_grant_type: Refusal = _says(403, "unsupported_grant_type", "Unsupported grant type: {grant_type}")
    user_blocked: Refusal = _says(401, "unauthorized", "user is blocked")
    too_many_logins: Refusal = _says(429, "too_many_attempts", "Too many login attempts. Try again later.")

    wrong_code_verifier: Refusal = _says(403, "invalid_grant", "Failed to verify code verifier")
    missing_code_verifier: Refusal = _says(400, "invalid_request", "Parameter 'code_verifier' is required")
    wrong_redirect_uri: Refusal = _says(
        403, "unauthorized_client", "The redirect URI is wrong. You sent {sent}, and we expected {expected}"
    )
    unknown_device_code: Refusal = _says(403, "invalid_grant", "Invalid or expired device code.")
    # The status and the error are reported (auth0/ruby-auth0 #794).
    device_with_credentials: Refusal = _says(
        403, "unauthorized_client", "The device authorization flow is for applications without credentials."
    )
    device_audience: Refusal = _says(403, "access_denied", "Service not found: {audience}")
    userinfo_without_token: Refusal = _says(401, "invalid_request", "Missing access token")
    invalid_userinfo_token: Refusal = _says(401, "invalid_token", "The access token is invalid or has expired")
    foreign_refresh_token: Refusal = _says(400, "invalid_request", "token not issued to this client")

    association_required: Refusal = _says(
        401,
        "association_required",
        "User does not have any confirmed authenticator associated. You can associate a new authenticator calling "
        "/mfa/associate endpoint. If you have one authenticator ready for confirmation, you can confirm it just using "
        "it in /oauth/token",
    )
    expired_token: Refusal = _says(403, "expired_token", "{token} is expired")
    late_confirmation: Refusal = _says(403, "access_denied", "User is already enrolled.")
    spent_oob_code: Refusal = _says(403, "invalid_grant", "Invalid binding_code.")
    slow_down: Refusal = _says(429, "slow_down", "You are polling faster than allowed. Try again in {seconds} seconds.")
    too_many_sms: Refusal = _says(
        400, "invalid_request", "Too many SMS sent by the user. Wait for some minutes before retrying."
    )
    too_many_emails: Refusal = _says(
        400, "invalid_request", "Too many emails sent by the user. Wait for some minutes before retrying."
    )
    too_many_pushes: Refusal = _says(
        400, "invalid_request", "Too many push notifications sent by the user. Wait for some minutes before retrying."
    )
    too_many_failed_codes: Refusal = _says(
        400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying."
    )
    provider_failure: Refusal = _says(502, "bad_gateway", "The message could not be sent by the provider.")
    transport_unavailable: Refusal = _says(
        401,
        "unsupported_challenge_type",
        "The user does not support the requested challenge type ({challenge_type}). "
        "Currently there is no supported challenge available.",
    )

    unsupported_authenticator_type: Refusal = _says(
        400, "invalid_request", "authenticator_types must be one of: oob, otp"
    )
    unsupported_oob_channel: Refusal = _says(
        400, "invalid_request", "oob_channels must be one of: sms, voice, email, auth0"
    )
    invalid_phone: Refusal = _says(400, "invalid_request", "The phone number is invalid.")
    invalid_email: Refusal = _says(400, "invalid_request", "The email is invalid.")
    same_number: Refusal = _says(400, "invalid_request", "The phone number is already associated.")
    factor_unavailable: Refusal = _says(403, "access_denied", "The factor or channel {name} is not enabled.")
    too_many_authenticators: Refusal = _says(400, "invalid_request", "The user has too many authenticators.")
    insufficient_scope: Refusal = _says(403, "insufficient_scope", "Insufficient scope, expected any of: {scope}")
    invalid_authenticator: Refusal = _says(
        400, "invalid_authenticator", "The authenticator does not exist or is not confirmed."
    )
    unknown_authenticator: Refusal = _says(404, "not_found", "The authenticator does not exist.")
    undeletable: Refusal = _says(400, "invalid_request", "Recovery codes and verified emails cannot be removed.")
