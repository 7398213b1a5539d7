"""Temporal connection and data converter. Everything sent to Temporal is sealed.

Connection settings are Temporal's own (``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``, TLS,
profiles: Temporal docs, "Environment configuration"), so that Temporal Cloud needs only environment variables.
"""

import inspect
import logging
import re
import secrets
from collections.abc import Sequence
from copy import copy
from typing import Any, Final, Self, cast, get_args

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, HeaderCodecBehavior
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadConverter,
    SerializationContext,
)
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError
from temporalio.runtime import LogForwardingConfig, LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError

from phone_mfa.contracts import problem_with
from phone_mfa.contracts.types import Contract
from phone_mfa.encryption import KeyringSource, MarkingCodec, is_marked, is_of_no_flow, refuse_marked
from phone_mfa.errors import CannotStartError

DEFAULT_ADDRESS: Final = "localhost:7233"
DEFAULT_NAMESPACE: Final = "default"
CONTRACT: Final = "contract"
"""Metadata key, sealed with the payload: the name of the payload's contract, or ``Failure``."""

_ADDRESS: Final = re.compile(r"[^\s:/]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}")

_OF_THE_SYSTEM: Final = re.compile(r'message: "([^"]+)"')
"""The operating system's message within the error that Temporal's core reports for a failed connection."""


class TemporalUnreachableError(CannotStartError):
    """No Temporal server answers, or it rejects the connection. The message is one sentence with the address."""

    exit_code = 3


class TemporalSettingsError(CannotStartError):
    """The ``TEMPORAL_*`` settings are invalid."""


class _ContractConverter(PydanticPayloadConverter):
    """Rejects payloads that did not open or do not match their contract, naming the field but not the value.

    Temporal treats any other error as a transient defect and retries: a flow with an invalid start would hang.
    """

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        payloads = super().to_payloads(values)
        for value, payload in zip(values, payloads, strict=True):
            if isinstance(value, Contract):
                payload.metadata[CONTRACT] = value.wire_name().encode()
        return payloads

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        refuse_marked(payloads)
        try:
            values = super().from_payloads(payloads, type_hints)
        except ValidationError as error:
            raise _bad_input(problem_with("the payload", error)) from None
        for payload, value, hint in zip(payloads, values, type_hints or (), strict=False):
            if contract := _contract_in(hint):
                _refuse_unless_fit(payload, value, contract)
        return values


def _contract_in(hint: object) -> type[Contract] | None:
    """Returns the contract of a type hint, also of an optional one."""
    among = (each for each in (get_args(hint) or (hint,)) if inspect.isclass(each) and issubclass(each, Contract))
    return next(among, None)


def _refuse_unless_fit(payload: Payload, value: object, contract: type[Contract]) -> None:
    if value is None:
        raise _bad_input("the payload: must be an object.")
    # Contracts ignore unknown members, so one could be read as another. Payloads from other SDKs may lack the name.
    named = payload.metadata.get(CONTRACT)
    if named is not None and named != contract.wire_name().encode():
        raise _bad_input("the payload: is for another message.")
    if is_of_no_flow(payload):
        raise _bad_input("the payload: is not for this flow.")


class _SealedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Seals the text of failures. Without it, anyone with write access could fail a call with a text of their own."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)
        failure.encoded_attributes.metadata[CONTRACT] = b"Failure"

    def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
        if failure.HasField("application_failure_info") and not _is_opened(failure):
            unsealed, failure = failure, Failure()
            failure.CopyFrom(unsealed)
            failure.message, failure.stack_trace = "The reason is not sealed, and is not shown.", ""
            failure.ClearField("encoded_attributes")
        return super().from_failure(failure, payload_converter)


def _is_opened(failure: Failure) -> bool:
    return failure.HasField("encoded_attributes") and not is_marked(failure.encoded_attributes)


def _bad_input(sentence: str) -> ApplicationError:
    return ApplicationError(sentence, type="BadInput", non_retryable=True)


class _SealedConverter(DataConverter):
    """Passes the serialization context to the codec only, since nothing else uses it.

    The SDK's default creates new converters for each flow and call, which took an eighth of a worker's CPU.
    """

    def with_context(self, context: SerializationContext) -> Self:
        clone = copy(self)
        object.__setattr__(clone, "payload_codec", cast(MarkingCodec, self.payload_codec).with_context(context))
        return clone


def data_converter(source: KeyringSource, namespace: str) -> DataConverter:
    """Returns a converter that seals payloads, failures and stack traces with the keys of ``source`` for ``namespace``.

    The only place that builds one, so that the same checks apply to all payloads.
    """
    return _SealedConverter(
        payload_converter_class=_ContractConverter,
        payload_codec=MarkingCodec(source, namespace),
        failure_converter_class=_SealedFailures,
    )


def core_runtime(metrics: PrometheusConfig | None = None) -> Runtime:
    """Create Temporal's core runtime for a long-running process; its log lines go to our log.

    Worker heartbeats are off: they would disclose the host name to Temporal and to everyone who lists its workers.
    Raises ``RuntimeError`` or ``ValueError`` if the address for ``metrics`` cannot be listened on.
    """
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    lines = LoggingConfig(filter=LoggingConfig.default.filter, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=lines, metrics=metrics), worker_heartbeat_interval=None)


async def connect(source: KeyringSource, *, identity: str | None = None, runtime: Runtime | None = None) -> Client:
    """Connect to the server configured in the environment.

    Raises ``TemporalSettingsError`` and ``TemporalUnreachableError``.

    ``identity``: the client name that Temporal records. Default: a random name without host or user.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except Exception:
        raise TemporalSettingsError(
            "The TEMPORAL_* settings cannot be read: check the profile, and the key and certificate files."
        ) from None
    if not {"\n", "\r"}.isdisjoint(config.get("api_key") or ""):
        raise TemporalSettingsError("TEMPORAL_API_KEY must not contain a line break.")
    config.setdefault("target_host", DEFAULT_ADDRESS)
    if not _ADDRESS.fullmatch(config["target_host"]):
        raise TemporalSettingsError("TEMPORAL_ADDRESS must be host:port.")
    try:
        return await Client.connect(
            **config,
            data_converter=data_converter(source, config.get("namespace", DEFAULT_NAMESPACE)),
            header_codec_behavior=HeaderCodecBehavior.CODEC,
            identity=identity or f"phone-mfa-{secrets.token_hex(4)}",
            runtime=runtime,
        )
    except ValueError:
        raise TemporalSettingsError("TEMPORAL_ADDRESS must be host:port.") from None
    except (RuntimeError, RPCError) as error:
        message = str(error).partition("\n")[0]
        reason = (_OF_THE_SYSTEM.findall(message) or ["is it a Temporal server, and does TEMPORAL_TLS match?"])[-1]
        raise TemporalUnreachableError(f"Temporal cannot be reached at {config['target_host']}: {reason}") from None
