"""A dict that tracks which keys were touched since the last save."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

V = TypeVar("V")
T = TypeVar("T")

_ABSENT = object()


class Table(dict[str, V]):
    """Values by key, in insertion order.

    A value may be mutated after it is fetched, so a fetch by key (`[]`, `get`, `setdefault`) touches it just as a write
    does. Iterating over `values()` or `items()` does not: to mutate a value, fetch it by key. Nothing is tracked
    until `watch()` is called.
    """

    _touched: dict[str, None] | None = None
    """Present keys that may have changed, oldest touch first; a new key is first touched by its insertion."""
    _removed: set[str]
    """Keys removed since the last save, whether or not they were added again."""

    def watch(self) -> None:
        """Start tracking; every present key counts as touched, because none has been saved."""
        self._touched, self._removed = dict.fromkeys(self), set()

    def settle(self) -> None:
        """Clear the tracked keys after a save, and keep tracking."""
        self._touched, self._removed = {}, set()

    @property
    def touched(self) -> list[tuple[str, V]]:
        """Keys that may have changed, with their values; new keys are in insertion order."""
        return [(key, super(Table, self).__getitem__(key)) for key in self._touched or ()]

    @property
    def removed(self) -> list[str]:
        """Removed keys. One that was added again is also `touched`, and is now last."""
        return list(self._removed) if self._touched is not None else []

    def __getitem__(self, key: str) -> V:
        value = super().__getitem__(key)
        self._touch(key)
        return value

    def __setitem__(self, key: str, value: V) -> None:
        super().__setitem__(key, value)
        self._touch(key)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._remove(key)

    def remove_all(self, keys: Iterable[str]) -> None:
        """Remove these keys, all of which are there."""
        for key in keys:
            del self[key]

    @overload  # type: ignore[override]  # dict's own three overloads, of which these two are the useful ones
    def get(self, key: str) -> V | None: ...
    @overload
    def get(self, key: str, default: T) -> V | T: ...
    def get(self, key: str, default: object = None) -> object:
        """Like dict.get; touches the key if present."""
        return self[key] if key in self else default

    @overload
    def pop(self, key: str) -> V: ...
    @overload
    def pop(self, key: str, default: T) -> V | T: ...
    def pop(self, key: str, default: object = _ABSENT) -> object:
        """Like dict.pop; records the removal if present."""
        if key in self:
            self._remove(key)
        elif default is not _ABSENT:
            return default
        return super().pop(key)

    def popitem(self) -> tuple[str, V]:
        """Like dict.popitem; records the removal of the last key."""
        key, value = super().popitem()
        self._remove(key)
        return key, value

    def setdefault(self, key: str, default: V) -> V:
        """Like dict.setdefault; touches the key."""
        value = super().setdefault(key, default)
        self._touch(key)
        return value

    def update(self, *others: Mapping[str, V] | Iterable[tuple[str, V]], **named: V) -> None:  # type: ignore[override]
        """Like dict.update; touches every given key."""
        for key, value in dict(*others, **named).items():
            self[key] = value

    def __ior__(self, other: Any) -> "Table[V]":  # type: ignore[override,misc]
        self.update(other)
        return self

    def clear(self) -> None:
        """Like dict.clear; records the removal of every key."""
        if self._touched is not None:
            self._removed.update(self)
            self._touched.clear()
        super().clear()

    def _touch(self, key: str) -> None:
        if self._touched is not None:
            self._touched[key] = None

    def _remove(self, key: str) -> None:
        if self._touched is not None:
            self._touched.pop(key, None)
            self._removed.add(key)
