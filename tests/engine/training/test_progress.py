"""How far and how long: told now and then."""

import logging

import pytest

from engine.training.progress import Progress, duration


def test_the_time_left_follows_from_the_pace_so_far(caplog):
    caplog.set_level(logging.INFO)
    times = iter([0.0, 10.0, 40.0])
    progress = Progress(100, 400, clock=lambda: next(times))

    progress.step(105, 0.5)  # too soon to tell again
    progress.step(120, 0.25)

    assert caplog.messages == ["step 120 of 400: loss 0.250, 2.00 s a step, about 9 min left"]


@pytest.mark.parametrize(("seconds", "said"), [(40, "40 s"), (1260, "21 min"), (11_100, "3 h 05 min")])
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said
