"""All that can happen to a flow, up to a bound: what may never be, is not.

While a call is open one message at most waits for its answer; the long lives, drawn at random, have longer lines.

The bound is a sum. What is usual costs 1, and what disturbs costs 3: with a bound of 8, a life of eight events is
explored in which all is well, one of six with one disturbance, and one of four with two. ``make test`` goes up to 6,
``make test-deep`` up to 8; ``MACHINE_MODEL_BOUND=11`` goes through some 100,000 states, in some minutes.
"""

import os
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine import laws
from tests.unit.machine.exploration import Exploration
from tests.unit.machine.laws import Ends, Step
from tests.unit.machine.model import Happening, begun, happenings, load_of, starts
from workflows.machine import State
from workflows.machine.events import Asked, Cancelled

BOUND = int(os.environ.get("MACHINE_MODEL_BOUND", "6"))
MOST_IN_LONG_LIVES = 5


@pytest.mark.exhaustive
@pytest.mark.timeout(0 if BOUND > 8 else 120)
@pytest.mark.parametrize("flow", starts())
def test_every_flow_keeps_its_promises_whatever_happens(flow: str) -> None:
    begun_at = time.perf_counter()
    size = Exploration(starts()[flow], BOUND).run()
    took = time.perf_counter() - begun_at
    sys.stdout.write(f"{flow}: {size}, in {took:.1f} s\n")
    assert size.states > 500, "the model explores next to nothing"


@given(st.sampled_from(sorted(starts())), st.lists(st.integers(0, 999), min_size=20, max_size=50))
def test_long_lives_keep_the_same_promises(flow: str, choices: list[int]) -> None:
    state, ends = begun(starts(budget=5)[flow][1]), Ends()
    for choice in choices:
        possible = [each for each in happenings(state) if goes_on(state, each)]
        if not possible:
            break
        step = Step(state, possible[choice % len(possible)].event)
        for law in (laws.hold_for_step, laws.hold_for_offers, laws.holds_for_publishing):
            law(step)
        state = step.after
        for law_of_state in (laws.hold_for_state, laws.ignores_what_does_not_fit, ends.are_reached_from):
            law_of_state(state)


def goes_on(state: State, happening: Happening) -> bool:
    """Whether this neither ends the flow by a cancel nor lets ever more callers wait."""
    asks = isinstance(happening.event, Asked)
    return not isinstance(happening.event, Cancelled) and not (asks and load_of(state) > MOST_IN_LONG_LIVES)
