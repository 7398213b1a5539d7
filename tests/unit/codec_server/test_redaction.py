"""What an operator sees of a payload, and what nobody does, whatever the payload is."""

import asyncio
import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverterWithEncodedAttributes

from phone_mfa.codec_server import Redaction
from phone_mfa.codec_server.field_policy import FIELDS
from phone_mfa.codec_server.payloads import open_and_redact
from phone_mfa.contracts import (
    BindingCode,
    ChallengeResult,
    Channel,
    FlowKind,
    FlowView,
    Outcome,
    Phase,
    StartEnrollment,
    TokenSet,
)
from phone_mfa.contracts.calls import CheckCode
from phone_mfa.contracts.types import Contract
from phone_mfa.encryption.rotation import new_ring
from tests.unit.codec_server.instances import ALL, SHAPED, drawn, leaves
from tests.unit.encryption.rings import PAYLOADS, codec

SEALING = codec(new_ring())
NAMES = st.text(max_size=9) | st.sampled_from(sorted(FIELDS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
AROUND = st.sampled_from(["", " ", ":", "|", "\n", "(", ")", "/", "=", ",", "'", '"', "é", "\u00a0", " sent "])


def shown(value: object, *, reveal: bool = False) -> Any:
    """What is seen of a value; and nothing but JSON ever is."""
    return json.loads(json.dumps(Redaction(reveal_numbers=reveal).of(value)))


def of(contract: Contract, *, reveal: bool = False) -> Any:
    return shown(json.loads(contract.model_dump_json()), reveal=reveal)


def one(payload: Payload) -> Payload:
    [answered] = open_and_redact([payload], SEALING, Redaction()).payloads
    return answered


def data(payload: Payload) -> Any:
    return json.loads(one(payload).data)


def test_the_start_of_an_enrollment_shows_all_but_the_token_and_the_number() -> None:
    start = StartEnrollment(
        phone_number=SecretStr("+15555550123"),
        mfa_token=SecretStr("hush"),
        mfa_token_issued_at=datetime(2026, 11, 25, 10, tzinfo=UTC),
        flow_seconds=604800,
        requested_at=datetime(2026, 11, 25, 10, 0, 1, tzinfo=UTC),
    )

    assert of(start) == {
        "phone_number": "XXXXXXXX0123",
        "channel": "sms",
        "mfa_token": "[hidden]",
        "mfa_token_issued_at": "2026-11-25T10:00:00Z",
        "flow_seconds": 604800,
        "when_enrolled": "stop",
        "invited": False,
        "recipient": None,
        "policy": {
            "sends": 5,
            "wrong_codes": 5,
            "resend_after_seconds": [30, 40, 60, 90],
            "voice_after_seconds": None,
        },
        "origin": {"user": None, "caller": None, "browser": None},
        "requested_at": "2026-11-25T10:00:01Z",
    }


def test_a_view_holds_no_secret_and_is_shown_whole() -> None:
    view = FlowView(
        kind=FlowKind.ENROLLMENT,
        phase=Phase.WAITING_FOR_CODE,
        channel=Channel.SMS,
        phone_number="XXXXXXXX0123",
        sent_at=datetime(2026, 11, 25, 10, 0, 0, 123456, tzinfo=UTC),
        note="The first message was lost, and so a second was sent.",
    )

    assert of(view) == json.loads(view.model_dump_json())


def test_a_result_shows_that_there_were_tokens_and_none_of_them() -> None:
    tokens = TokenSet(access_token=SecretStr("hush"), refresh_token=SecretStr("hush"), expires_in=86400)
    result = ChallengeResult(outcome=Outcome.VERIFIED, recovery_code=SecretStr("hush"), tokens=tokens)

    assert "hush" not in str(of(result))
    assert of(result)["tokens"] == {
        "access_token": "[hidden]",
        "token_type": "Bearer",
        "expires_in": 86400,
        "scope": None,
        "id_token": "[hidden]",
        "refresh_token": "[hidden]",
    }


def test_revealing_gives_the_number_and_nothing_else() -> None:
    start = StartEnrollment(phone_number=SecretStr("+15555550123"), mfa_token=SecretStr("hush"))

    assert of(start, reveal=True) == of(start) | {"phone_number": "+15555550123"}
    assert shown({"unknown": {"phone_number": "+15555550123"}, "note": "+15555550123"}, reveal=True) == {
        "unknown": "[hidden]",
        "note": "[hidden]",
    }


@pytest.mark.parametrize("odd", ["123456", "hush", "+1", "+1555555012x", 15555550123, ["+15555550123"], {"a": 1}, True])
def test_what_is_no_number_is_hidden_under_its_name(odd: object) -> None:
    assert shown({"phone_number": odd}) == shown({"phone_number": odd}, reveal=True) == {"phone_number": "[hidden]"}


@pytest.mark.parametrize("number", ["", "XXXXXXXX0123", None])
def test_a_masked_number_stays_as_it_is(number: str | None) -> None:
    assert shown({"phone_number": number}) == {"phone_number": number}


@pytest.mark.parametrize("contract", [BindingCode, CheckCode, ChallengeResult], ids=lambda contract: contract.__name__)
def test_a_name_that_is_secret_in_one_contract_is_secret_in_all(contract: type[Contract]) -> None:
    secret = [name for name in contract.model_fields if FIELDS[name].secret]

    assert secret
    assert shown(dict.fromkeys(secret, "hush")) == dict.fromkeys(secret, "[hidden]")


def test_every_contract_and_every_field_is_known() -> None:
    assert {"StartEnrollment", "CheckAnswer", "FlowView", "FlowPolicy", "RemovalAnswer"} <= {c.__name__ for c in ALL}
    assert {name for contract in ALL for name in contract.model_fields} == set(FIELDS)


def test_every_known_name_but_one_is_of_some_use() -> None:
    idle = {
        name for name, field in FIELDS.items() if not any(dataclasses.astuple(dataclasses.replace(field, many=False)))
    }

    assert idle == {"sealed"}, "that is for its recipient alone"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"surprise": "hush", "other": {"phase": "done"}}, {"surprise": "[hidden]", "other": "[hidden]"}),
        ({"note": {"phase": "done"}, "policy": "hush"}, {"note": "[hidden]", "policy": "[hidden]"}),
        ({"message": "hush"}, {"message": "[hidden]"}),
        ({"wrong_codes": [3, 1, 4, 1, 5, 9]}, {"wrong_codes": "[hidden]"}),
        ({"note": 123456, "sends": 123456}, {"note": "[hidden]", "sends": "[hidden]"}),
        ({"+15555550123": None, "123456": None, "a b": None}, {"[hidden]": "[hidden]"}),
        ({"Fe26": 1, "ABCDEFGHJKLMNPQRSTUVWX23": 2}, {"Fe26": "[hidden]", "[hidden]": "[hidden]"}),
        (["sms", {"phase": "done"}, 5, None], ["sms", {"phase": "done"}, 5, None]),
        ("waiting_for_code", "waiting_for_code"),
        (123456, "[hidden]"),
        ({"submission_id": "hqY7_x-Zt0pLw3vR9kBn"}, {"submission_id": "[hidden]"}),
        ({"submission_id": "550e8400-e29b-41d4-a716-446655440000"},) * 2,
        ({"note": "call (555) 555-0123", "reason": "443/684"}, {"note": "call [hidden]", "reason": "[hidden]"}),
        ({"recipient": {"kty": "hush", "crv": "P-256"}}, {"recipient": {"kty": "[hidden]", "crv": "P-256"}}),
        ({"sealed": ["eyJhbGciOiJFQ0RI..a.b.c", "hush"]}, {"sealed": ["[hidden]", "[hidden]"]}),
        ({"message": "not 123 456", "stack_trace": "12"}, {"message": "not [hidden]", "stack_trace": "12"}),
    ],
)  # fmt: skip
def test_what_the_contracts_do_not_vouch_for_is_hidden(value: object, expected: object) -> None:
    assert shown(value) == expected


@given(drawn())
def test_no_secret_of_any_contract_survives(pair: tuple[Contract, list[str]]) -> None:
    instance, secrets = pair
    seen_of_it = json.dumps(of(instance))

    for secret in secrets:
        assert secret not in seen_of_it


@given(drawn())
def test_revealing_never_gives_more_than_numbers(pair: tuple[Contract, list[str]]) -> None:
    instance, secrets = pair
    numbers = " ".join(secret for secret in secrets if secret.startswith("+"))
    seen_of_it = json.dumps(of(instance, reveal=True))

    assert not [secret for secret in secrets if secret in seen_of_it and secret not in numbers]


@given(drawn(), st.integers(1, 3))
def test_a_json_text_inside_a_text_gives_nothing_away_either(pair: tuple[Contract, list[str]], times: int) -> None:
    instance, secrets = pair
    text = instance.model_dump_json()
    for _ in range(times):
        text = json.dumps(text)

    for placed in (json.loads(text), {"note": text}):
        seen_of_it = json.dumps(shown(placed, reveal=True))
        assert not [secret for secret in secrets if secret in seen_of_it]


@given(JSON, SHAPED, AROUND, AROUND)
def test_no_text_of_a_secret_shape_survives_wherever_it_stands(
    value: object, secret: str, before: str, after: str
) -> None:
    text = f"{before}{secret}{after}"
    for placed in (text, [text], {"note": text}, {text: value}, {"any": [text, value]}, {"tokens": {"scope": text}}):
        assert secret not in json.dumps(shown([placed, value]), ensure_ascii=False)


WORDY = [name for name, field in FIELDS.items() if not field.text and not field.secret and name != "phone_number"]


@given(st.sampled_from(WORDY), st.text())
@example("outcome", "hush")
@example("phase", "Enrolled")
@example("sealed", "hush")
@example("sent_at", "135790")
@example("sent_at", "20261125")
@example("sent_at", "2026-11-25 hush")
@example("sent_at", "2026-13-25T10:00:00Z")
def test_a_text_that_the_contracts_do_not_have_is_hidden(name: str, text: str) -> None:
    assume(text not in FIELDS[name].words | FIELDS["allowed_actions"].words)

    assert shown({name: text, "allowed_actions": [text]}) == {name: "[hidden]", "allowed_actions": ["[hidden]"]}


@given(st.sampled_from(sorted(FIELDS)), st.integers() | st.floats(allow_nan=False))
@example("sends", 4917055501)
@example("sends", -1)
@example("retry_after_seconds", 0.135790)
@example("flow_seconds", 604801)
def test_a_number_is_shown_whole_and_as_large_as_the_contracts_allow(name: str, number: float) -> None:
    seen_of_it = shown({name: number})[name]

    assert seen_of_it == "[hidden]" or (seen_of_it == round(number) and 0 <= seen_of_it <= FIELDS[name].maximum)
    assert FIELDS[name].maximum in {0, 10, 300, 99_999, 604_800}


@pytest.mark.parametrize("name", ["note", "outcome", "sends", "sent_at", "recipient", "allowed_actions"])
def test_a_yes_or_no_is_shown_where_the_contracts_have_one(name: str) -> None:
    assert shown({name: True, "active": True}) == {name: "[hidden]", "active": True}


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.__name__)
def test_all_words_and_times_of_a_contract_are_shown(contract: type[Contract]) -> None:
    for name in contract.model_fields:
        field = FIELDS[name]
        shown_of_it = [*field.words, None, *(["2026-11-25T10:00:00.123456Z", "2026-11-25"] if field.time else [])]
        if not field.secret and name != "phone_number":
            assert shown({name: shown_of_it}) == {name: shown_of_it}


@given(JSON)
def test_any_json_is_answered_with_json_and_never_with_more(value: object) -> None:
    given_ = list(leaves(value))
    known = {*map(repr, given_), *(repr(round(leaf)) for leaf in given_ if isinstance(leaf, float))}
    for leaf in leaves(shown(value)):
        assert repr(leaf) in known or "[hidden]" in str(leaf) or str(leaf).startswith(("X", "{", "[", '"'))


@given(st.binary() | st.text().map(str.encode))
@example(b"[" * 100_000)
@example(b'{"note":' * 50_000 + b"1" + b"}" * 50_000)
@example(b'{"code":"135790","code":null,"note":"a","note":"+15555550123"}')
@example(b"1" * 5000)
@example(b"1e999")
@example(b"NaN")
@example(b'"\\ud800 135790"')
@example(b"\xff\xfe135790")
@example(b"\xef\xbb\xbf135790")
def test_bytes_that_claim_to_be_json_are_answered_with_json(content: bytes) -> None:
    answered = one(Payload(metadata={"encoding": b"json/plain"}, data=content))

    assert dict(answered.metadata) == {"encoding": b"json/plain"}
    assert "135790" not in str(json.loads(answered.data))


@given(st.lists(PAYLOADS | PAYLOADS.map(SEALING.sealed), max_size=5))
def test_whatever_the_payloads_there_is_an_answer_to_each(payloads: list[Payload]) -> None:
    answered = open_and_redact(payloads, SEALING, Redaction()).payloads

    assert len(answered) == len(payloads)
    assert {payload.metadata["encoding"] for payload in answered} <= {b"json/plain", b"binary/null"}


@pytest.mark.parametrize("encoding", [b"binary/plain", b"json/protobuf", b"binary/protobuf", b"", b"\xff"])
def test_other_encodings_are_replaced_by_a_mark(encoding: bytes) -> None:
    payload = Payload(metadata={"encoding": encoding, "secret": b"135790"}, data=b'"hush"')

    assert one(payload) == Payload(metadata={"encoding": b"json/plain"}, data=b'"[hidden: not JSON]"')


def test_nothing_stays_nothing() -> None:
    assert one(Payload(metadata={"encoding": b"binary/null"}, data=b"135790")) == Payload(
        metadata={"encoding": b"binary/null"}
    )


def test_sealed_or_not_a_payload_is_seen_alike() -> None:
    payload = asyncio.run(pydantic_data_converter.encode([BindingCode(code=SecretStr("135 790"), message=2)]))[0]

    assert one(payload) == one(SEALING.sealed(payload))
    assert data(payload) == {"code": "[hidden]", "submission_id": None, "message": 2, "sent_at": None}


def test_what_does_not_open_is_a_sentence_in_its_place() -> None:
    foreign, changed = codec(new_ring()).sealed(Payload()), SEALING.sealed(Payload())
    changed.data = changed.data[:-1]
    answered = open_and_redact([foreign, SEALING.sealed(Payload()), changed], SEALING, Redaction())

    assert answered.not_opened == 2
    assert json.loads(answered.payloads[0].data).startswith("[not opened: The payload is sealed with a key of another")
    assert json.loads(answered.payloads[2].data) == (
        "[not opened: The payload does not open: it was changed, or sealed for another namespace]"
    )


def test_the_failure_of_an_activity_shows_its_text() -> None:
    failure = Failure()
    problem = RuntimeError("Auth0 refused 135790 for +1 555 555-0123")
    DefaultFailureConverterWithEncodedAttributes().to_failure(
        problem, pydantic_data_converter.payload_converter, failure
    )

    assert data(failure.encoded_attributes) == {"message": "Auth0 refused [hidden] for [hidden]", "stack_trace": ""}


DETAILS = "| | |\n|---|---|\n| phone | XXXXXXXX0123 |\n| code expires | 2026-11-25 10:05:00 UTC |\n| note | sent |"


def test_the_current_details_are_shown_in_the_words_of_temporal() -> None:
    metadata = WorkflowMetadata(current_details=f"{DETAILS} 8. 3. 8. 8. 9. 3")
    metadata.definition.query_definitions.add(name="view", description="Not +15555550123")
    payload = asyncio.run(pydantic_data_converter.encode([metadata]))[0]

    answered = one(payload)
    assert answered.metadata == payload.metadata
    assert json.loads(answered.data) == {
        "definition": {"queryDefinitions": [{"name": "view", "description": "Not [hidden]"}]},
        "currentDetails": f"{DETAILS} [hidden]",
    }


@pytest.mark.parametrize("content", [b"", b"1", b'{"currentDetails":1}', b"\xff", b"[" * 100_000])
def test_what_only_claims_to_be_metadata_is_hidden(content: bytes) -> None:
    kind = {"encoding": b"json/protobuf", "messageType": b"temporal.api.sdk.v1.WorkflowMetadata"}

    assert data(Payload(metadata=kind, data=content)) == "[hidden]"


def test_no_other_message_of_temporal_is_shown() -> None:
    kind = {"encoding": b"json/protobuf", "messageType": b"temporal.api.history.v1.HistoryEvent"}
    event = json.dumps({"eventType": EventType.Name(EventType.EVENT_TYPE_TIMER_FIRED)}).encode()

    assert data(Payload(metadata=kind, data=event)) == "[hidden: not JSON]"
