"""How we talk to Temporal: the one data converter, and the one way to connect. Nothing leaves here that is not sealed.

Connection settings are Temporal's own (``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``, TLS,
profiles: Temporal docs, "Environment configuration"), so that Temporal Cloud works by environment alone.
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
from phone_mfa.encryption import (
    KeyringSource,
    MarkingCodec,
    is_marked,
    is_of_no_flow,
    refuse_marked,
)

DEFAULT_ADDRESS: Final = "localhost:7233"
DEFAULT_NAMESPACE: Final = "default"
CONTRACT: Final = "contract"
"""In a payload's metadata, and sealed with it: the name of the contract it was made of, or that it is a failure's."""

_ADDRESS: Final = re.compile(r"[^\s:/]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}")

_OF_THE_SYSTEM: Final = re.compile(r'message: "([^"]+)"')
"""The operating system's own words, inside what the client's core dumps of a failed connection."""


class TemporalUnreachableError(Exception):
    """No Temporal server answers, or it does not let us in. Says where, in one sentence."""


class TemporalSettingsError(TemporalUnreachableError):
    """The ``TEMPORAL_*`` settings lead nowhere, whatever runs there."""


class _ContractConverter(PydanticPayloadConverter):
    """Refuses a payload that did not open, or does not fit its contract, naming the field and not the value.

    Temporal takes any other error for a passing defect of ours: whoever starts a flow so would have it hang.
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
    """The contract that a value must fit: of a type, or of a type that may be left out."""
    among = (each for each in (get_args(hint) or (hint,)) if inspect.isclass(each) and issubclass(each, Contract))
    return next(among, None)


def _refuse_unless_fit(payload: Payload, value: object, contract: type[Contract]) -> None:
    if value is None:
        raise _bad_input("the payload: must be an object.")
    # Contracts ignore members they do not know, and so one may be read as another. Other languages name none.
    named = payload.metadata.get(CONTRACT)
    if named is not None and named != contract.wire_name().encode():
        raise _bad_input("the payload: is meant for another message.")
    if is_of_no_flow(payload):
        raise _bad_input("the payload: is not meant for this flow.")


class _SealedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Failures whose text is sealed. Anybody who can write could fail a call of a flow, with words of their own."""

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
    """Tells only the codec where a payload belongs: the rest does not ask.

    The SDK makes new converters for each flow and call, which took an eighth of a worker's CPU.
    """

    def with_context(self, context: SerializationContext) -> Self:
        clone = copy(self)
        object.__setattr__(clone, "payload_codec", cast(MarkingCodec, self.payload_codec).with_context(context))
        return clone


def data_converter(source: KeyringSource, namespace: str) -> DataConverter:
    """How values become payloads, sealed with the keys of ``source`` for ``namespace``; failures and their traces too.

    Built here only, so that what guards payloads guards all of them.
    """
    return _SealedConverter(
        payload_converter_class=_ContractConverter,
        payload_codec=MarkingCodec(source, namespace),
        failure_converter_class=_SealedFailures,
    )


def core(metrics: PrometheusConfig | None = None) -> Runtime:
    """Temporal's core, for a process that runs long: its lines go into our log.

    Without heartbeats: each would tell Temporal, and all who look at its list of workers, the name of this host.
    Raises ``RuntimeError`` or ``ValueError`` when nothing can listen where ``metrics`` wants.
    """
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    lines = LoggingConfig(filter=LoggingConfig.default.filter, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=lines, metrics=metrics), worker_heartbeat_interval=None)


async def connect(source: KeyringSource, *, identity: str | None = None, runtime: Runtime | None = None) -> Client:
    """A client for the server the environment names. Raises ``TemporalUnreachableError``.

    ``identity``: what Temporal keeps of who asked; by default a new name, which tells neither host nor user.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except Exception:
        raise TemporalSettingsError(
            "The TEMPORAL_* settings cannot be read: check the profile, and the files of keys and certificates."
        ) from None
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
        told = str(error).partition("\n")[0]
        reason = (_OF_THE_SYSTEM.findall(told) or ["is it Temporal, and does TLS fit (TEMPORAL_TLS)?"])[-1]
        raise TemporalUnreachableError(f"Temporal cannot be reached at {config['target_host']}: {reason}") from None
