"""How long a text is waited for, by what its server has shown. The time is an argument here."""

import pytest

from engine.drafting.load_balancing.pace import Pace, Patience
from engine.drafting.load_balancing.slots import Slots

PATIENCE = Patience(quiet_s=180, idle_s=45)


def write(pace, writing, times):
    for at in times:
        pace.wrote(writing, 1, at)


def test_before_its_first_token_a_text_has_until_the_server_has_been_quiet_for_too_long():
    pace = Pace()
    waiting, other = pace.began(0.0), pace.began(0.0)
    assert pace.left_s(waiting, PATIENCE, 100.0) == 80
    pace.wrote(other, 1, 100.0)
    assert pace.left_s(waiting, PATIENCE, 100.0) == 180


def test_a_text_that_is_being_written_has_all_the_time_as_long_as_tokens_come():
    pace = Pace()
    writing = pace.began(0.0)
    for at in range(1, 5_000):
        pace.wrote(writing, 1, float(at))
        assert pace.left_s(writing, PATIENCE, at) == 45


def test_a_server_whose_tokens_take_long_is_waited_for_longer_between_them():
    pace = Pace()
    writing = pace.began(0.0)
    write(pace, writing, range(5, 500, 5))
    assert pace.left_s(writing, PATIENCE, 495) == pytest.approx(100, rel=0.01)


def test_a_request_that_others_have_overtaken_is_soon_given_up():
    pace, slots = Pace(), Slots(4)
    lost = pace.began(0.0)
    for at in (1.0, 2.0):
        later = pace.began(at)
        write(pace, later, (at + 1, at + 2))
        pace.learn(slots, later, at + 2, whole=True)
    assert pace.left_s(lost, PATIENCE, 4.0) == 41


def test_a_reply_in_one_piece_may_take_several_times_what_one_has_taken():
    pace, slots = Pace(), Slots(4)
    first, second = pace.began(0.0), pace.began(0.0)
    pace.wrote(first, 100, 90.0)
    pace.learn(slots, first, 90.0, whole=True)
    assert pace.left_s(second, PATIENCE, 90.0) == 360


def test_what_a_text_needs_is_what_the_longest_took_without_its_queue():
    pace, slots = Pace(), Slots(2)
    quick, queued = pace.began(0.0), pace.began(0.0)
    write(pace, quick, range(2, 12))
    pace.learn(slots, quick, 12.0, whole=True)
    write(pace, queued, range(15, 36))
    pace.learn(slots, queued, 36.0, whole=True)
    assert pace.needed_s() == pytest.approx(1.2 * (21 + 2))


def test_a_text_that_failed_shows_nothing():
    pace = Pace()
    failed = pace.began(0.0)
    pace.learn(Slots(2), failed, 500.0, whole=False)
    assert pace.needed_s() == 0


def test_a_queue_of_the_server_s_own_shows_how_many_it_writes_at_once():
    pace, slots = Pace(), Slots(4)
    texts = [pace.began(0.0) for _ in range(4)]
    for at in range(1, 30):
        for text in texts[:2]:
            pace.wrote(text, 1, float(at))
    pace.learn(slots, texts[0], 30.0, whole=True)
    assert slots.limit == 2
