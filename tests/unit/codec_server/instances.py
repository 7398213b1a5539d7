"""Random instances of all contracts, whose secrets can be told from everything else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, SecretStr
from pydantic.fields import FieldInfo

from phone_mfa.codec_server.field_policy import contracts
from phone_mfa.contracts.types import Contract

ALL = sorted(contracts(), key=lambda contract: contract.__name__)

_TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
_WORDS = st.text("abcdefghij -", max_size=20)

_OTHERS: dict[type, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 99_999),  # no code has as few digits
    float: st.integers(0, 99_999).map(lambda eighths: eighths / 8),
    datetime: _TIMES,
    AwareDatetime: _TIMES,
}

CODES = st.from_regex(r"[0-9]{6}", fullmatch=True)
NUMBERS = st.from_regex(r"\+[1-9][0-9]{10,14}", fullmatch=True).filter(lambda number: number[-5] != "0")
RECOVERY_CODES = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=24, max_size=24)
TOKENS = st.uuids().map(lambda id_: f"Fe26.2*SERVER_1700000000*{id_.hex}*x")
JWTS = st.tuples(st.uuids(), st.uuids()).map(lambda ids: f"eyJ{ids[0].hex}.eyJ{ids[1].hex}.{ids[0].hex}")
JWES = st.uuids().map(lambda id_: f"eyJ{id_.hex}..{id_.hex[:16]}.{id_.hex}.{id_.hex[:22]}")
SHAPED = st.one_of(CODES, NUMBERS, RECOVERY_CODES, TOKENS, JWTS, JWES)


class Drawn:
    """Draws instances; ``secrets`` are the texts in their secret fields."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self.secrets: list[str] = []

    def instance(self, contract: type[Contract]) -> Contract:
        """Built without validation, so that a secret may be anything."""
        fields = contract.model_fields
        return contract.model_construct(**{name: self._value(name, field) for name, field in fields.items()})

    def _value(self, name: str, field: FieldInfo) -> Any:
        return self._of(name, field.annotation)

    def _of(self, name: str, annotation: Any) -> Any:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._of(name, arguments[0])
        if origin in (Union, UnionType):
            return self._of(name, self._draw(st.sampled_from(arguments)))
        if origin is Literal:
            return self._draw(st.sampled_from(arguments))
        if origin is tuple:
            return tuple(self._of(name, arguments[0]) for _ in range(self._draw(st.integers(0, 3))))
        return self._leaf(name, annotation)

    def _leaf(self, name: str, kind: Any) -> Any:
        if kind is type(None):
            return None
        if issubclass(kind, SecretStr):
            return SecretStr(self._secret(name))
        if issubclass(kind, Contract):
            return self.instance(kind)
        if issubclass(kind, Enum):
            return self._draw(st.sampled_from(list(kind)))
        if name == "phone_number":
            return "XXXXXXXX0123"
        return self._draw(_OTHERS.get(kind, _WORDS))

    def _secret(self, name: str) -> str:
        if name == "phone_number":
            secret = str(self._draw(NUMBERS))
        else:
            secret = str(self._draw(st.one_of(SHAPED, st.uuids().map(str), st.uuids().map(lambda id_: id_.hex))))
        self.secrets.append(secret)
        return secret


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Contract, list[str]]:
    """An instance of any contract, and its secrets."""
    drawing = Drawn(draw)
    instance = drawing.instance(draw(st.sampled_from(ALL)))
    return instance, drawing.secrets


def leaves(value: object) -> Iterator[object]:
    """Every name and every value in a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value
