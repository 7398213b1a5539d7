"""Search attributes are open to everyone who may list flows."""

import ast
import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

from phone_mfa.contracts import Budget, Channel, FlowKind, Outcome, Phase, names
from phone_mfa.contracts.attributes import FlowAttributes

ROOT = Path(__file__).parents[3]


def test_they_have_room_for_words_of_ours_and_counts_only() -> None:
    for name, field in FlowAttributes.model_fields.items():
        kinds = {kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)}
        assert all(issubclass(kind, StrEnum | int) for kind in kinds), name


def test_those_written_are_those_a_namespace_must_have() -> None:
    written = FlowAttributes(
        flow=FlowKind.ENROLLMENT,
        phase=Phase.DONE,
        channel=Channel.SMS,
        outcome=Outcome.ENROLLED,
        budget=Budget.USER,
        sends=1,
        wrong_codes=2,
    ).pairs
    kinds = {pair.key.name: pair.key.indexed_value_type for pair in written}
    assert {name: kind.name.capitalize() for name, kind in kinds.items()} == names.SEARCH_ATTRIBUTES


def test_nothing_else_writes_any() -> None:
    for file in [*ROOT.glob("workflows/**/*.py"), *ROOT.glob("starter/**/*.py"), *ROOT.glob("activities/*.py")]:
        calls = {ast.unparse(node) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)}
        writing = [call for call in calls if re.search(r"upsert_search|upsert_memo|search_attributes=", call)]
        assert writing == [] or file.name == "publisher.py"
