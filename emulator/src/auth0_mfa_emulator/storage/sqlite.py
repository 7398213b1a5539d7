"""What the emulator remembers, kept in one SQLite file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .file import StateError
from .rows import Row, Rows
from .table import Table

Tables = Mapping[str, tuple[Table[Any], Any]]
"""By name: a table and the type of its values: a dataclass of plain fields, or a union told apart by one of them."""
Singles = Mapping[str, tuple[Callable[[], Any], Callable[[Any], None], Any]]
"""By name: how to get a value, how to set it, and its type. It must be replaced when it changes, never altered."""

_SINGLES = ""
"""The kind of the rows that hold single values; no table has this name."""
_NEVER = object()


@dataclass
class _Kept:
    name: str
    table: Table[Any]
    json: TypeAdapter[Any]


@dataclass
class _Single:
    name: str
    get: Callable[[], Any]
    set: Callable[[Any], None]
    json: TypeAdapter[Any]
    saved: object = _NEVER


class SqliteStore:
    """Keeps tables and single values in step with a file. For one thread.

    A save is safe from the end of the process, however that ends, once `save()` has returned: save before the first
    byte of an answer is sent.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._tables: list[_Kept] = []
        self._singles: list[_Single] = []

    @classmethod
    def open(cls, path: Path) -> "SqliteStore":
        """Open or make a state file, and hold it alone until the process ends; StateError when it cannot be used."""
        return cls(Rows(path))

    @property
    def empty(self) -> bool:
        """Whether nothing is stored."""
        return self._rows.empty

    def attach(self, tables: Tables, singles: Singles) -> None:
        """Fill tables and singles with what is stored, and keep these in place of any attached before.

        A file with nothing in it fills nothing: what the tables and singles hold is then the first to be saved. So is
        a single that the file does not name. StateError when a row does not fit its type.
        """
        self._tables = [_Kept(name, table, TypeAdapter(kind)) for name, (table, kind) in tables.items()]
        self._singles = [_Single(name, get, put, TypeAdapter(kind)) for name, (get, put, kind) in singles.items()]
        for kept in self._tables:
            self._fill(kept)
        texts = dict(self._rows.read(_SINGLES))
        for single in self._singles:
            if single.name in texts:
                single.set(_value(single.name, single.json, texts[single.name]))
                single.saved = single.get()

    def save(self) -> None:
        """Write what changed since the last save, all or nothing. StateError, and all still to be saved, if it cannot.

        Costs a read of the file for each key that was touched, and a write only when something differs.
        """
        values = [single.get() for single in self._singles]
        removed = {(kept.name, key) for kept in self._tables for key in kept.table.removed}
        candidates = [*self._touched_rows(), *self._replaced_rows(values)]
        rows = [row for row in candidates if row[:2] in removed or not self._rows.holds(row)]
        if rows or removed or self._rows.empty:
            self._rows.write(rows, removed)
        for kept in self._tables:
            kept.table.settle()
        for single, value in zip(self._singles, values, strict=True):
            single.saved = value

    def reset(self) -> None:
        """Forget every row. The next save does it, and writes all that is attached by then as new."""
        self._rows.empty = True
        for kept in self._tables:
            kept.table.watch()
        for single in self._singles:
            single.saved = _NEVER

    def close(self) -> None:
        """Let go of the file; what was not saved is lost."""
        self._rows.close()

    def _fill(self, kept: _Kept) -> None:
        if not self._rows.empty:
            values = {key: _value(kept.name, kept.json, text) for key, text in self._rows.read(kept.name)}
            kept.table.clear()
            kept.table.update(values)
        kept.table.watch()
        if not self._rows.empty:
            kept.table.settle()

    def _touched_rows(self) -> list[Row]:
        return [
            (kept.name, key, kept.json.dump_json(value).decode())
            for kept in self._tables
            for key, value in kept.table.touched
        ]

    def _replaced_rows(self, values: list[Any]) -> list[Row]:
        return [
            (_SINGLES, single.name, single.json.dump_json(value).decode())
            for single, value in zip(self._singles, values, strict=True)
            if value is not single.saved
        ]


def _value(name: str, json: TypeAdapter[Any], text: str) -> Any:
    try:
        return json.validate_json(text)
    except ValidationError:  # which would show what is stored
        raise StateError(f"The state file holds a value of {name} that this emulator cannot read.") from None
