"""What the contracts say about each name: what may stand under it, and whether that may be shown.

Derived from every contract at import, so that a new field is hidden or shown by its type and no list has to be kept.
Knows names, not the places they stand in: a name that is secret in one contract is secret in all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Final, Literal, Union, get_args, get_origin

from pydantic import SecretStr

from phone_mfa.contracts import __name__ as OURS
from phone_mfa.contracts import port  # noqa: F401 - its contracts, too, cross the wire
from phone_mfa.contracts.values import Contract

PHONE_NUMBER: Final = "phone_number"
"""Whole in some contracts and masked in others: shown masked."""


@dataclass(frozen=True, slots=True)
class Field:
    """What stands under a name in the contracts. ``secret`` goes before all else."""

    secret: bool = False
    text: bool = False
    number: bool = False
    nested: bool = False


def contracts(root: type[Contract] = Contract) -> Iterator[type[Contract]]:
    """Every contract of ours."""
    for contract in root.__subclasses__():
        if contract.__module__.startswith(f"{OURS}."):
            yield contract
        yield from contracts(contract)


def _leaves(annotation: object) -> Iterator[object]:
    """The types a value of this annotation, or what it is made of, can have."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin is Literal:
        yield from {type(value) for value in get_args(annotation)}
    elif origin in (Union, UnionType, tuple, list, set, frozenset, dict):
        for argument in get_args(annotation):
            yield from _leaves(argument)
    else:
        yield annotation


def _field(types: set[object]) -> Field:
    classes = [type_ for type_ in types if isinstance(type_, type)]
    return Field(
        secret=any(issubclass(class_, SecretStr) for class_ in classes),
        text=any(not issubclass(class_, (int, float, Contract)) for class_ in classes if class_ is not type(None)),
        number=any(issubclass(class_, (int, float)) and class_ is not bool for class_ in classes),
        nested=any(issubclass(class_, Contract) for class_ in classes),
    )


def _fields() -> Mapping[str, Field]:
    found: dict[str, set[object]] = {}
    for contract in contracts():
        for name, field in contract.model_fields.items():
            found.setdefault(name, set()).update(_leaves(field.annotation))
    return {name: _field(types) for name, types in found.items()}


FIELDS: Final = _fields()
