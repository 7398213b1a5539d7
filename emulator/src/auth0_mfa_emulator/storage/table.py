"""A dict that remembers which of its keys were touched since they were last saved."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

V = TypeVar("V")
T = TypeVar("T")

_ABSENT = object()


class Table(dict[str, V]):
    """Values by key, in the order they were put in.

    A value may be changed in place after it was fetched, so a fetch by key (`[]`, `get`, `setdefault`) touches it as a
    write does. Walking over `values()` or `items()` does not: who changes a value must fetch it by its key. Nothing is
    remembered until somebody watches.
    """

    _touched: dict[str, None] | None = None
    """Keys that are there and may have changed, oldest touch first; the first touch of a new key is its insertion."""
    _removed: set[str]
    """Keys taken out since the last save, whether or not they came back."""

    def watch(self) -> None:
        """Remember from now on; every key there is counts as touched, because none of them was ever saved."""
        self._touched, self._removed = dict.fromkeys(self), set()

    def settle(self) -> None:
        """Forget what was touched, and go on remembering: all of it is saved."""
        self._touched, self._removed = {}, set()

    @property
    def touched(self) -> list[tuple[str, V]]:
        """The keys that may have changed, with their values; new keys among them are in order of insertion."""
        return [(key, super(Table, self).__getitem__(key)) for key in self._touched or ()]

    @property
    def removed(self) -> list[str]:
        """The keys taken out. One that was put in again is also `touched`, and is now last."""
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

    @overload  # type: ignore[override]  # dict's own three overloads, of which these two are the useful ones
    def get(self, key: str) -> V | None: ...
    @overload
    def get(self, key: str, default: T) -> V | T: ...
    def get(self, key: str, default: object = None) -> object:
        """As a dict's; touches the key if it is there."""
        return self[key] if key in self else default

    @overload
    def pop(self, key: str) -> V: ...
    @overload
    def pop(self, key: str, default: T) -> V | T: ...
    def pop(self, key: str, default: object = _ABSENT) -> object:
        """As a dict's; removes the key if it is there."""
        if key in self:
            self._remove(key)
        elif default is not _ABSENT:
            return default
        return super().pop(key)

    def popitem(self) -> tuple[str, V]:
        """As a dict's; removes the last key."""
        key, value = super().popitem()
        self._remove(key)
        return key, value

    def setdefault(self, key: str, default: V) -> V:
        """As a dict's; touches the key."""
        value = super().setdefault(key, default)
        self._touch(key)
        return value

    def update(self, *others: Mapping[str, V] | Iterable[tuple[str, V]], **named: V) -> None:  # type: ignore[override]
        """As a dict's; touches every key given."""
        for key, value in dict(*others, **named).items():
            self[key] = value

    def __ior__(self, other: Any) -> "Table[V]":  # type: ignore[override,misc]
        self.update(other)
        return self

    def clear(self) -> None:
        """As a dict's; removes every key."""
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
