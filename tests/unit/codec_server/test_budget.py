"""No request takes longer than its budget: what is beyond it is hidden, and the rest of the answer stays."""

import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from phone_mfa.codec_server import Redaction
from phone_mfa.codec_server.budget import MAX_VALUES, REQUEST_UNITS, TEXT_UNITS, Budget
from phone_mfa.codec_server.errors import RefusedError
from phone_mfa.codec_server.metadata import METADATA
from phone_mfa.codec_server.payloads import open_and_redact
from phone_mfa.codec_server.request_body import MAX_VALUES as MAX_VALUES_IN_BODY
from phone_mfa.codec_server.request_body import payloads_in
from phone_mfa.encryption.rotation import new_ring
from tests.unit.encryption.rings import codec

SEALING = codec(new_ring())
TOO_MUCH = "[hidden: too much for one request]"


def answered(*contents: str) -> list[Any]:
    """What is shown of the payloads of one request."""
    payloads = [Payload(metadata={"encoding": b"json/plain"}, data=content.encode()) for content in contents]
    return [json.loads(payload.data) for payload in open_and_redact(payloads, SEALING, Redaction()).payloads]


def test_one_mark_stands_for_the_rest_of_a_list_or_an_object() -> None:
    assert Redaction(budget=Budget(5)).of({"resend_after_seconds": [30] * 9}) == {
        "resend_after_seconds": [30, 30, "[hidden]"],
        "[hidden]": "[hidden]",
    }
    assert Redaction(budget=Budget(5)).of({"phase": "done", "sends": 1, "outcome": "verified"}) == {
        "phase": "done",
        "sends": 1,
        "[hidden]": "[hidden]",
    }


def test_many_texts_are_shown_until_the_budget_is_spent() -> None:
    shown = answered(*[json.dumps("all is well " * 340)] * 1000)

    assert shown[0] == "all is well " * 340
    assert shown[-1] == TOO_MUCH
    assert shown.count(shown[0]) == REQUEST_UNITS // (len(shown[0]) + 18)


def test_a_page_of_common_payloads_is_shown_whole() -> None:
    note = "The first message was lost, and so a second was sent to the phone."
    view = json.dumps({"phase": "done", "sends": 2, "note": note, "sent_at": "2026-11-25T10:00:00Z"})

    assert answered(*[view] * 1000) == [json.loads(view)] * 1000


@pytest.mark.parametrize("content", ["[" + "[],[" * MAX_VALUES + "]]", '{"any":[' + "1," * MAX_VALUES + "1]}"])
def test_a_document_of_too_many_values_costs_nobody_else(content: str) -> None:
    assert answered('"done"', content, '"done"') == ["done", TOO_MUCH, "done"]


def test_documents_that_are_only_parsed_are_paid_for() -> None:
    parsed_only = json.dumps({"any": [1] * 16_000})

    assert answered(*[parsed_only] * 62) == [{"any": "[hidden]"}] * 59 + [TOO_MUCH] * 3


@pytest.mark.parametrize(
    "inner",
    [json.dumps(["a"] * 5000), json.dumps([[]] * 5000), json.dumps({f"n{index}": 1 for index in range(5000)})],
)
def test_a_text_that_is_json_has_a_budget_of_its_own(inner: str) -> None:
    redaction = Redaction()
    shown = redaction.of({"note": inner, "reason": json.dumps(json.dumps(inner)), "phase": "done"})

    assert shown["phase"] == "done"  # type: ignore[index]
    assert redaction.budget.spend(REQUEST_UNITS - 3 * TEXT_UNITS)


def test_a_text_with_more_values_than_that_is_hidden() -> None:
    assert Redaction().text("[" + "1," * TEXT_UNITS + "1]") == "[hidden]"
    assert Redaction().text('["' + "a" * 65_536 + '"]') == "[hidden]"


def test_metadata_of_too_many_messages_are_hidden() -> None:
    content = '{"definition":{"queryDefinitions":[' + "{}," * MAX_VALUES + "{}]}}"
    payload = Payload(metadata={"encoding": b"json/protobuf", "messageType": METADATA}, data=content.encode())

    [shown] = open_and_redact([payload], SEALING, Redaction()).payloads
    assert shown.data == b'"[hidden]"'


@pytest.mark.parametrize(
    "content", ['{"payloads":[' + "{}," * MAX_VALUES_IN_BODY + "{}]}", '{"a":[' + "1," * MAX_VALUES_IN_BODY + "1]}"]
)
def test_a_body_of_too_many_values_is_refused_before_it_is_parsed(content: str) -> None:
    with pytest.raises(RefusedError, match=f"^At most {MAX_VALUES_IN_BODY} values in a body"):
        payloads_in(content.encode())
