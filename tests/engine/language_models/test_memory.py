"""What a model gets of this machine's memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language_models.memory import Memory, Plan, needed, planned, this_machine

MIB, GIB = 2**20, 2**30
SIZES = st.integers(1, 16 * GIB)
PER_TOKEN = st.integers(0, 2**20)


def test_plenty_of_memory_gives_the_largest_window_in_the_most_slots():
    assert planned(GIB, 32_768, 32_768, Memory(64 * GIB, 64 * GIB)) == Plan(8_192, 4, GIB + 400 * MIB + GIB)


def test_where_memory_is_short_slots_go_before_the_window_does():
    free = Memory(4 * GIB, int((GIB + 400 * MIB + GIB // 4) / 0.8) + MIB)

    assert planned(GIB, 32_768, 32_768, free) == Plan(8_192, 1, GIB + 400 * MIB + GIB // 4)


def test_where_nothing_fits_the_smallest_plan_is_tried():
    plan = planned(8 * GIB, 32_768, 32_768, Memory(4 * GIB, GIB))

    assert (plan.window, plan.slots) == (2_048, 1)


@pytest.mark.parametrize(("trained", "window", "given"), [(1_024, None, 1_024), (32_768, 3_000, 3_000)])
def test_a_window_is_never_larger_than_the_model_or_the_operator_says(trained, window, given):
    assert planned(GIB, 1, trained, Memory(64 * GIB, 64 * GIB), window).window == given


@given(size=SIZES, per_token=PER_TOKEN, free=st.integers(0, 64 * GIB))
def test_a_plan_that_is_not_the_last_resort_fits(size, per_token, free):
    plan = planned(size, per_token, 32_768, Memory(None, free))

    assert plan.needs == needed(size, per_token, plan.window, plan.slots)
    assert plan.needs <= free * 0.8 or (plan.window, plan.slots) == (2_048, 1)


def test_this_machine_has_memory():
    memory = this_machine()

    assert memory.total is not None
    assert memory.total > 0
    assert memory.free is None or 0 < memory.free <= memory.total
