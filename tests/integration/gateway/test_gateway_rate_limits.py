"""How often is too often, by a clock that the test moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse

from gateway.rate_limits import RateLimits, Window


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_too_often_is_told_when_it_is_not() -> None:
    clock = Clock()
    window = Window(parse("2/minute"), clock=clock)

    first = window.hit("ada")
    clock.now += 20
    second, third, others = window.hit("ada"), window.hit("ada"), window.hit("bob")
    clock.now += 40
    again, too_often = window.hit("ada"), window.hit("ada")

    assert (first, second, third, others) == (None, None, 40, None)
    assert (again, too_often) == (None, 20)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 30)), max_size=60))
def test_no_window_ever_holds_more_than_it_may(hits: list[tuple[str, float]]) -> None:
    clock, taken = Clock(), dict[str, list[float]]()
    window = Window(parse("3/minute"), clock=clock)
    for name, pause in hits:
        clock.now += pause
        wait = window.hit(name)
        mine = [then for then in taken.setdefault(name, []) if then > clock.now - 60]
        if wait is None:
            taken[name] = [*mine, clock.now]
            assert len(taken[name]) <= 3
        else:
            assert len(mine) == 3
            assert wait == mine[0] + 60 - clock.now


@pytest.mark.parametrize("rate", ["0/minute", "10/second;100/minute", "", "often", "-1/minute", "60"])
def test_a_rate_that_is_none_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValueError, match=r"rate|parse"):
        RateLimits(rate, "60/minute")


def test_who_was_not_heard_for_a_window_is_forgotten() -> None:
    clock = Clock()
    window = Window(parse("5/minute"), clock=clock)
    for number in range(10_000):
        window.hit(f"flow {number}")
    clock.now += 61

    window.hit("somebody else")

    assert len(window._hits) == 1


def test_looks_are_allowed_more_often() -> None:
    window = Window(parse("2/minute"), 10, Clock())

    assert [window.hit("ada") is None for _ in range(21)] == [True] * 20 + [False]
