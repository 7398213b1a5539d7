"""Endpoints ``POST /decode`` and ``POST /encode``: authentication, authorization, coding, audit line."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import Place, SealingCodec
from phone_mfa.jwks import IssuerDownError

from . import audit
from .auth import Credentials, NotAuthenticatedError, Reader, Role
from .context import context_of
from .errors import RefusedError, refusal_of
from .field_policy import PHONE_NUMBER
from .headers import COOKIE, MAX_REASON_LENGTH, bearer_in, flow_in, namespace_in, reason_in
from .payloads import DecodedPayloads, open_and_redact
from .redaction import Redaction
from .request_body import answer_with, body_of, payloads_in


async def decode(request: Request) -> Response:
    """Open payloads and return them redacted."""
    reader = await _known(request)
    _require(reader, Role.DECODE)
    why = _reveal_reason(request, reader)
    codec, body = _codec(request), await body_of(request)

    def work() -> tuple[DecodedPayloads, Response]:
        shown = open_and_redact(payloads_in(body), codec, Redaction(reveal_numbers=why is not None))
        return shown, answer_with(shown.payloads)

    shown, answer = await context_of(request).work.run(work)
    audit.decoded(request, shown)
    if why is not None:
        audit.revealed(request, PHONE_NUMBER, why, shown)
    return answer


async def encode(request: Request) -> Response:
    """Seal payloads for one flow."""
    reader = await _known(request)
    codec, body = _codec(request, flow_in(request)), await body_of(request)

    def work() -> tuple[Sequence[Payload], Response]:
        payloads = payloads_in(body)
        if payloads:  # the CLI sends an empty list for every query without arguments
            _require(reader, Role.ENCODE)
            _require_a_flow(request)
        sealed = [codec.sealed(payload) for payload in payloads]
        return sealed, answer_with(sealed)

    sealed, answer = await context_of(request).work.run(work)
    audit.encoded(request, len(sealed))
    return answer


async def _known(request: Request) -> Reader:
    try:
        reader = await context_of(request).authenticator.authenticate(_asked(request))
    except (NotAuthenticatedError, IssuerDownError) as error:
        raise refusal_of(error) from None
    request.state.who = reader.who
    return reader


def _asked(request: Request) -> Credentials:
    """Returns the credentials. Cookies count only from the UI's origin, since any page can make a browser send them."""
    bearer, cookie = bearer_in(request), request.cookies.get(COOKIE)
    if bearer is None and cookie is not None and request.headers.get("origin") != context_of(request).origin:
        raise NotAuthenticatedError("cookie_from_another_origin")
    return Credentials(bearer, cookie)


def _require(reader: Reader, role: Role) -> None:
    if role not in reader.roles:
        raise RefusedError(403, f"You may not {role}.", reason=f"no_role_to_{role}")


def _reveal_reason(request: Request, reader: Reader) -> str | None:
    """Returns the reason for revealing phone numbers; None if that is not requested."""
    wanted = request.headers.get("x-reveal")
    if wanted is None:
        return None
    _require(reader, Role.REVEAL)
    if wanted != PHONE_NUMBER:
        raise RefusedError(400, f"X-Reveal must be {PHONE_NUMBER}: nothing else is ever revealed.")
    reason = reason_in(request)
    if reason is None:
        raise RefusedError(400, f"X-Reveal-Reason must say why, in 1 to {MAX_REASON_LENGTH} characters.")
    return reason


def _require_a_flow(request: Request) -> None:
    if flow_in(request) is None:
        raise RefusedError(400, "X-Flow-Id must name the flow that the payloads are for.")


def _codec(request: Request, flow: str | None = None) -> SealingCodec:
    namespace = namespace_in(request)
    if namespace is None:
        raise RefusedError(400, "X-Namespace is not a valid namespace name.")
    return SealingCodec(context_of(request).source, namespace, Place(flow) if flow else None)
