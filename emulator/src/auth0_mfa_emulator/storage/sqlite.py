"""Persistence of the emulator state in one SQLite file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .rows import Row, Rows
from .state_file import StateError
from .table import Table

Tables = Mapping[str, tuple[Table[Any], Any]]
"""By name: a table and the type of its values, a dataclass of plain fields or a discriminated union."""
Singles = Mapping[str, tuple[Callable[[], Any], Callable[[Any], None], Any]]
"""By name: getter, setter and type of a value. The value must be replaced on change, never mutated."""

_SINGLES = ""
"""Kind of the rows that hold single values; no table has this name."""
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
    """Keeps tables and single values in sync with a file. Not thread-safe.

    Once `save()` returns, the data survives the end of the process, however that ends: save before sending the first
    byte of a response.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._tables: list[_Kept] = []
        self._singles: list[_Single] = []

    @classmethod
    def open(cls, path: Path) -> "SqliteStore":
        """Open or create a state file and lock it until the process ends. Raises StateError if it is unusable."""
        return cls(Rows(path))

    @property
    def empty(self) -> bool:
        """Whether nothing is stored."""
        return self._rows.empty

    def attach(self, tables: Tables, singles: Singles) -> None:
        """Load the stored data into tables and singles, and track these in place of any attached before.

        An empty file loads nothing: the current contents of tables and singles are then saved first. The same goes
        for a single that is not in the file. Raises StateError if a row does not match its type.
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
        """Write changes since the last save atomically. Raises StateError on failure, and keeps them to be saved.

        Costs one read of the file for each touched key, and a write only if something differs.
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
        """Discard every row. Takes effect at the next save, which writes everything then attached as new."""
        self._rows.empty = True
        for kept in self._tables:
            kept.table.watch()
        for single in self._singles:
            single.saved = _NEVER

    def close(self) -> None:
        """Close the file; unsaved changes are lost."""
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
    except ValidationError:  # its text would expose stored data
        raise StateError(f"The state file holds a value of {name} that this emulator cannot read.") from None
