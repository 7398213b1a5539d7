"""Saved data survives a restart, however the process ended; foreign files are left alone."""

import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from auth0_mfa_emulator.storage.sqlite import SqliteStore
from auth0_mfa_emulator.storage.state_file import StateError
from auth0_mfa_emulator.storage.table import Table


@dataclass
class Cat:
    name: str
    lives: int = 9
    kind: Literal["cat"] = "cat"


@dataclass(frozen=True)
class Collar:
    colour: str
    sizes: tuple[int, ...] = ()


@dataclass
class Dog:
    name: str
    collar: Collar | None = None
    tricks: list[str] = field(default_factory=list)
    kind: Literal["dog"] = "dog"


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


@dataclass
class Shop:
    """Tables and one single value, as in a tenant."""

    pets: Table[Cat | Dog] = field(default_factory=Table)
    prices: Table[float] = field(default_factory=Table)
    motto: str = "open"

    def close_for_good(self, motto: str) -> None:
        self.motto = motto

    def keep(self, store: SqliteStore) -> None:
        tables: dict[str, tuple[Table[Any], Any]] = {"pets": (self.pets, Pet), "prices": (self.prices, float)}
        store.attach(tables, {"motto": (lambda: self.motto, self.close_for_good, str)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.state"


@contextmanager
def opened(path: Path, shop: Shop | None = None) -> Iterator[tuple[SqliteStore, Shop]]:
    """A store and its contents; nothing is saved on exit."""
    shop = shop or Shop()
    with closing(SqliteStore.open(path)) as store:
        shop.keep(store)
        yield store, shop


def reopened(path: Path) -> Shop:
    with opened(path) as (_, shop):
        return shop


def refusal(path: Path) -> str:
    with pytest.raises(StateError) as refused:
        SqliteStore.open(path)
    return str(refused.value)


def test_what_a_new_file_is_given_is_the_first_to_be_saved(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")), motto="first")) as (store, _):
        store.save()
    assert reopened(path) == Shop(Table(tom=Cat("Tom")), motto="first")


def test_what_is_stored_replaces_what_the_tables_held(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")))) as (store, shop):
        del shop.pets["tom"]
        shop.motto = "closed"
        store.save()
    with opened(path, Shop(Table(default=Cat("Default")))) as (_, shop):
        assert shop == Shop(motto="closed")


def test_a_value_changed_in_place_after_it_was_fetched_is_saved(path: Path) -> None:
    with opened(path, Shop(Table(rex=Dog("Rex"), tom=Cat("Tom")))) as (store, shop):
        store.save()
        rex, tom = shop.pets["rex"], shop.pets.get("tom")
        assert isinstance(rex, Dog) and isinstance(tom, Cat)
        rex.tricks.append("sit")
        tom.lives = 8
        store.save()
    assert reopened(path).pets == {"rex": Dog("Rex", tricks=["sit"]), "tom": Cat("Tom", 8)}


def test_a_value_only_walked_over_is_not_saved(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")))) as (store, shop):
        store.save()
        for pet in shop.pets.values():
            pet.name = "Changed"
        store.save()
    assert reopened(path).pets == {"tom": Cat("Tom")}


def test_a_table_that_nobody_watches_remembers_nothing() -> None:
    table = Table(a=1)
    table["b"] = table["a"] + table.pop("a")
    assert (table.touched, table.removed) == ([], [])


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda table: table.__delitem__("b"), {"a": 1.0, "c": 3.0}),
        (lambda table: table.pop("b"), {"a": 1.0, "c": 3.0}),
        (lambda table: table.pop("z", None), {"a": 1.0, "b": 2.0, "c": 3.0}),
        (lambda table: table.popitem(), {"a": 1.0, "b": 2.0}),
        (lambda table: table.clear(), {}),
        (lambda table: table.update({"b": 5.0}, d=4.0), {"a": 1.0, "b": 5.0, "c": 3.0, "d": 4.0}),
        (lambda table: table.update([("z", 0.0)]), {"a": 1.0, "b": 2.0, "c": 3.0, "z": 0.0}),
        (lambda table: table.__ior__({"a": 7.0}), {"a": 7.0, "b": 2.0, "c": 3.0}),
        (lambda table: table.setdefault("d", 4.0), {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}),
    ],
)
def test_every_way_to_change_a_dict_is_saved(
    path: Path, change: Callable[[Table[float]], object], left: dict[str, float]
) -> None:
    with opened(path, Shop(prices=Table(a=1.0, b=2.0, c=3.0))) as (store, shop):
        store.save()
        change(shop.prices)
        assert shop.prices == left
        store.save()
    assert reopened(path).prices == left


def test_a_key_that_is_not_there_raises_as_a_dict_does() -> None:
    table: Table[int] = Table()
    table.watch()
    for access in (lambda: table["a"], lambda: table.pop("a"), table.popitem, lambda: table.__delitem__("a")):
        with pytest.raises(KeyError):
            access()
    assert table.get("a") is None
    assert (table.touched, table.removed) == ([], [])


def test_the_order_of_a_dict_survives(path: Path) -> None:
    with opened(path, Shop(prices=Table(c=1.0, a=2.0, b=3.0))) as (store, shop):
        store.save()
        assert shop.prices.get("e") is None
        shop.prices["a"] = 5.0
        shop.prices["f"] = 6.0
        shop.prices["e"] = 7.0
        shop.prices["c"] = shop.prices.pop("c")
        expected = list(shop.prices.items())
        store.save()
    assert list(reopened(path).prices.items()) == expected
    assert [key for key, _ in expected] == ["a", "b", "f", "e", "c"]


def test_a_reset_forgets_every_row_at_the_next_save(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")), motto="old")) as (store, _):
        store.save()
        store.reset()
        Shop(prices=Table(fish=1.5), motto="new").keep(store)
        store.save()
    assert reopened(path) == Shop(prices=Table(fish=1.5), motto="new")


def test_a_reset_that_was_not_saved_did_not_happen(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")))) as (store, _):
        store.save()
        store.reset()
    assert reopened(path).pets == {"tom": Cat("Tom")}


def test_a_reset_keeps_what_is_still_attached(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("Tom")), motto="old")) as (store, shop):
        store.save()
        store.reset()
        shop.pets.clear()
        store.save()
    assert reopened(path) == Shop(motto="old")


_KILLED = """
import sys
from pathlib import Path
from auth0_mfa_emulator.storage.sqlite import SqliteStore
from auth0_mfa_emulator.storage.table import Table

table = Table()
store = SqliteStore.open(Path(sys.argv[1]))
store.attach({"numbers": (table, int)}, {})
for number in range(500):
    table[f"n{number}"] = number
    store.save()
table["unsaved"] = 1
print("saved", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that has saved 500 numbers and holds the file until it is killed."""
    command = [sys.executable, "-c", _KILLED, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "saved\n"
            yield process
        finally:
            process.kill()


def test_what_was_saved_outlives_a_process_that_is_killed(path: Path) -> None:
    with another_process(path):
        pass
    numbers: Table[int] = Table()
    with closing(SqliteStore.open(path)) as store:
        store.attach({"numbers": (numbers, int)}, {})
    assert list(numbers.items()) == [(f"n{number}", number) for number in range(500)]


def test_a_file_in_use_by_another_process_is_refused(path: Path) -> None:
    with another_process(path):
        assert refusal(path) == f"The state file {path} is in use by another process."
    SqliteStore.open(path).close()


def test_a_file_is_locked_from_its_opening_on(path: Path) -> None:
    with opened(path):
        assert refusal(path).endswith("is in use by another process.")
    with opened(path) as (store, _):
        store.save()
    with opened(path):
        assert refusal(path).endswith("is in use by another process.")


def test_a_file_is_for_its_owner_alone(path: Path) -> None:
    path.touch(0o666)
    with opened(path, Shop(Table(tom=Cat("Tom")))) as (store, _):
        store.save()
        files = list(path.parent.iterdir())
        assert len(files) == 2
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def _of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE theirs (a)")
        database.commit()


def _of_a_later_version(path: Path) -> None:
    with opened(path) as (store, _):
        store.save()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


def _damaged(path: Path) -> None:
    with opened(path, Shop(prices=Table({f"n{number}": number * 1.0 for number in range(5000)}))) as (store, _):
        store.save()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * 8192 + whole[12288:])


def _cut_short(path: Path) -> None:
    with opened(path, Shop(prices=Table({f"n{number}": number * 1.0 for number in range(5000)}))) as (store, _):
        store.save()
    path.write_bytes(path.read_bytes()[:20_000])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_text("my diary, not a database\n" * 100), "is not a state file of the emulator."),
        (lambda path: path.write_text("x"), "is not a state file of the emulator."),
        (_of_another_program, "belongs to another program."),
        (_of_a_later_version, "has version 2, and this emulator reads version 1."),
        (_damaged, "is damaged."),
        (_cut_short, "is damaged."),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_was(
    path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(path)
    before = path.read_bytes()
    assert refusal(path) == f"The state file {path} {reason}"
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "file"
    assert refusal(missing) == f"The state file {missing} cannot be opened: No such file or directory."
    assert refusal(tmp_path) == f"The state file {tmp_path} is not a file."


def test_a_device_is_refused_and_stays_as_it_is() -> None:
    null = Path("/dev/null")
    before = null.stat().st_mode
    assert refusal(null) == "The state file /dev/null is not a file."
    assert null.stat().st_mode == before


def test_a_stored_value_of_another_shape_is_refused_without_showing_it(path: Path) -> None:
    with opened(path, Shop(Table(tom=Cat("secret")))) as (store, _):
        store.save()
    with closing(SqliteStore.open(path)) as store, pytest.raises(StateError) as refused:
        store.attach({"pets": (Table(), float)}, {})
    assert str(refused.value) == "The state file holds a value of pets that this emulator cannot read."


def test_what_could_not_be_written_is_written_by_the_next_save(path: Path) -> None:
    with opened(path, Shop(prices=Table(a=1.0))) as (store, shop):
        store.save()
        shop.prices |= {f"n{number}": 0.0 for number in range(5000)}
        with no_room_beyond(100_000), pytest.raises(StateError, match="cannot be written"):
            store.save()
        store.save()
    assert len(reopened(path).prices) == 5001


def test_what_could_not_be_written_at_all_is_written_by_the_next_save(path: Path) -> None:
    with opened(path, Shop(prices=Table({f"n{number}": 0.0 for number in range(5000)}))) as (store, _):
        with no_room_beyond(100_000), pytest.raises(StateError, match="cannot be written"):
            store.save()
        store.save()
    assert len(reopened(path).prices) == 5000


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Limit the size of files written by this process, to simulate a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


NAMES = st.text(st.characters(exclude_categories=["Cs"]))
PETS: st.SearchStrategy[Cat | Dog] = st.builds(Cat, NAMES, st.integers(-(2**63), 2**63)) | st.builds(
    Dog, NAMES, st.none() | st.builds(Collar, NAMES, st.lists(st.integers()).map(tuple)), st.lists(NAMES)
)
PRICES = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dictionaries(NAMES, PETS),
    changes=st.lists(st.lists(st.tuples(NAMES, st.none() | PETS), max_size=4), max_size=4),
    prices=st.dictionaries(NAMES, PRICES),
    motto=NAMES,
)
def test_any_tables_come_back_as_they_were(
    path: Path, first: dict[str, Any], changes: list[list[tuple[str, Any]]], prices: dict[str, float], motto: str
) -> None:
    path.unlink(missing_ok=True)
    with opened(path, Shop(Table(first), Table(prices), motto)) as (store, shop):
        store.save()
        for batch in changes:
            for key, pet in batch:
                if pet is None:
                    shop.pets.pop(key, None)
                else:
                    shop.pets[key] = pet
            store.save()
    back = reopened(path)
    assert back == shop
    assert list(back.pets) == list(shop.pets)
    assert list(back.prices) == list(shop.prices)
