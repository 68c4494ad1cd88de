"""What each candidate is drafted from when the opinions do not fit: each is read for some candidate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drafting.fitting import SHORTEST_EXCERPT, fitted, whole
from engine.errors import PromptRejectedError
from engine.mediator import briefs
from engine.types import MediationRequest, ParticipantOpinion


def round_of(texts, *, candidates=16, seed=3):
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(texts))
    return briefs(MediationRequest("Q?", people, candidates, seed=seed))


def words(text):
    return len(text.split())


def costs_of(texts):
    return {text: words(text) for text in texts}


def test_opinions_that_fit_are_all_shown_in_the_brief_s_order():
    made = round_of(["a b", "c", "d e f"])

    assert fitted(made, costs_of(made[0].opinions), 6) == [whole(brief) for brief in made]


def test_a_sample_leaves_no_opinion_unread_and_fills_the_window():
    texts = [f"{at} " + "word " * (9 + at % 3) for at in range(40)]
    made = round_of(texts)

    readings = fitted(made, costs_of(texts), 100)

    assert {text for reading in readings for text in reading.opinions} == set(texts)
    for brief, reading in zip(made, readings, strict=True):
        assert 100 - 12 < sum(map(words, reading.opinions)) <= 100
        assert reading.opinions == tuple(brief.opinions[place] for place in sorted(reading.places))
        assert not reading.shortened


def test_long_opinions_are_shortened_only_when_there_is_no_room_for_all_and_short_ones_stay_whole():
    texts = [f"{at} " + "word " * 749 for at in range(199)] + ["Ban it, please."]
    made = round_of(texts)

    readings = fitted(made, costs_of(texts), 3_600)

    whose = {
        brief.opinions[place]
        for brief, reading in zip(made, readings, strict=True)
        for place in reading.places
    }
    assert whose == set(texts)
    assert any("Ban it, please." in reading.opinions for reading in readings)
    for reading in readings:
        assert sum(map(words, reading.opinions)) <= 3_600
        assert all(text.endswith(" …") for text in reading.opinions if text != "Ban it, please.")


def test_opinions_that_cannot_all_be_shown_even_when_shortened_are_left_unread_in_part():
    texts = [f"{at} " + "word " * 60 for at in range(100)]
    made = round_of(texts, candidates=2)

    readings = fitted(made, costs_of(texts), 400)

    assert [len(reading.opinions) for reading in readings] == [400 // SHORTEST_EXCERPT] * 2
    assert not {text[:3] for text in readings[0].opinions} & {text[:3] for text in readings[1].opinions}


def test_a_question_that_fills_the_window_is_an_error():
    texts = ["word " * 50] * 3

    with pytest.raises(PromptRejectedError, match=r"no room for opinions.*ACCORD_PROMPT=zero-shot"):
        fitted(round_of(texts), costs_of(texts), 20)


def test_an_excerpt_of_a_script_without_spaces_is_cut_anywhere():
    text = "塑料" * 100
    readings = fitted(round_of([text, text], candidates=2), {text: 200}, 100)

    assert all(text.startswith(opinion.removesuffix(" …")) for r in readings for opinion in r.opinions)
    assert all(reading.shortened for reading in readings)


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 300), min_size=1, max_size=40),
    candidates=st.integers(2, 8),
    room=st.integers(SHORTEST_EXCERPT, 600),
    seed=st.integers(0, 99),
)
def test_no_reading_is_larger_than_the_room_and_all_are_read_where_excerpts_have_room(
    lengths, candidates, room, seed
):
    texts = ["w " * length for length in lengths]
    made = round_of(texts, candidates=candidates, seed=seed)

    readings = fitted(made, costs_of(texts), room)

    for reading in readings:
        assert sum(map(words, reading.opinions)) <= room
        assert list(reading.places) == sorted(set(reading.places))
        assert set(reading.shortened) <= set(reading.places)
    if len(texts) <= candidates * (room // SHORTEST_EXCERPT) // 2:
        read = [brief.opinions[place] for brief, r in zip(made, readings, strict=True) for place in r.places]
        assert set(read) == set(texts)
