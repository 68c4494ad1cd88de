"""How far and how long: told now and then."""

import logging

import pytest

from engine.training.runs.progress import Countdown, Progress, duration


def test_the_time_left_follows_from_the_pace_so_far(caplog):
    caplog.set_level(logging.INFO)
    times = iter([0.0, 10.0, 40.0])
    progress = Progress(100, 400, clock=lambda: next(times))

    progress.step(105, 0.5)  # too soon to tell again
    progress.step(120, 0.25)

    assert caplog.messages == ["step 120 of 400: loss 0.250, 2.00 s a step, about 9 min left"]


def test_how_long_all_take_is_told_after_the_first_and_then_now_and_then(caplog):
    caplog.set_level(logging.INFO)
    times = iter([0.0, 6.0, 12.0, 40.0])
    countdown = Countdown("text", 40, clock=lambda: next(times))

    for _ in range(3):
        countdown.one_more()

    assert caplog.messages == [
        "text 1 of 40: 6.0 s each, about 4 min left",
        "text 3 of 40: 13.3 s each, about 8 min left",
    ]


@pytest.mark.parametrize(("seconds", "said"), [(40, "40 s"), (1260, "21 min"), (11_100, "3 h 05 min")])
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said
