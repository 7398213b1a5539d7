"""Field policy: which values each field name of the contracts may have, and whether they may be shown.

Derived from all contracts at import, so that a new field is hidden or shown by its type without a list to maintain.
Works by name, not by location: a name that is secret in one contract is secret in all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Final, Literal, Union, get_args, get_origin

from annotated_types import Le
from pydantic import AwareDatetime, SecretStr
from pydantic.fields import FieldInfo

from phone_mfa.contracts import __name__ as OURS
from phone_mfa.contracts import calls  # noqa: F401 - its contracts cross the wire, too
from phone_mfa.contracts.types import Contract

PHONE_NUMBER: Final = "phone_number"
"""Complete in some contracts and masked in others: shown masked."""


SEALED: Final = "sealed"
"""For its recipient only: always hidden."""

MAX_UNBOUNDED_NUMBER: Final = 99_999
"""Limit for numbers without a bound in the contracts: every code has more digits."""


@dataclass(frozen=True, slots=True)
class Field:
    """Values that a field name may have in the contracts. ``secret`` overrides everything else.

    ``text``: any text; ``words``: only these. ``maximum``: the largest number, 0 if numbers are not allowed. ``many``:
    lists of them.
    """

    secret: bool = False
    text: bool = False
    words: frozenset[str] = frozenset()
    time: bool = False
    maximum: float = 0
    boolean: bool = False
    nested: bool = False
    many: bool = False


def contracts(root: type[Contract] = Contract) -> Iterator[type[Contract]]:
    """Yields all contracts."""
    for contract in root.__subclasses__():
        if contract.__module__.startswith(f"{OURS}."):
            yield contract
        yield from contracts(contract)


def _leaves(annotation: object) -> Iterator[object]:
    """Yields the types and literal values in an annotation, including nested ones."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin is Literal:
        yield from get_args(annotation)
    elif origin in (Union, UnionType, tuple, list, set, frozenset, dict):
        for argument in get_args(annotation):
            yield from _leaves(argument)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (member.value for member in annotation)
    else:
        yield annotation


def _field(name: str, leaves: set[object], maximum: float, many: bool) -> Field:
    classes = [leaf for leaf in leaves if isinstance(leaf, type)]
    return Field(
        secret=any(issubclass(class_, SecretStr) for class_ in classes),
        text=str in classes and name != SEALED,
        words=frozenset(leaf for leaf in leaves if isinstance(leaf, str)),
        time=datetime in classes or AwareDatetime in classes,
        maximum=maximum if int in classes or float in classes else 0,
        boolean=bool in classes,
        nested=any(issubclass(class_, Contract) for class_ in classes),
        many=many,
    )


def _maximum(field: FieldInfo) -> float:
    """Returns the largest number that the contract accepts."""
    return next(
        (rule.le for rule in field.metadata if isinstance(rule, Le) and isinstance(rule.le, int)), MAX_UNBOUNDED_NUMBER
    )


def _fields() -> Mapping[str, Field]:
    leaves: dict[str, set[object]] = {}
    maximum: dict[str, float] = {}
    lists: set[str] = set()
    for contract in contracts():
        for name, field in contract.model_fields.items():
            leaves.setdefault(name, set()).update(_leaves(field.annotation))
            maximum[name] = max(maximum.get(name, 0), _maximum(field))
            if "tuple[" in str(field.annotation):
                lists.add(name)
    return {name: _field(name, found, maximum[name], name in lists) for name, found in leaves.items()}


FIELDS: Final = _fields()
