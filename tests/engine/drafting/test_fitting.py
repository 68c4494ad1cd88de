"""What each candidate is drafted from when the opinions do not fit: each is read for some candidate."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.draft_briefs import briefs
from engine.drafting.fitting import SHORTEST_EXCERPT, dealing_order, fitted, whole
from engine.errors import PromptRejectedError
from engine.groups.opinion_kinds import Kinds, kinds_of
from engine.types import MediationRequest, ParticipantOpinion


def round_of(texts, *, candidates=16, seed=3, kinds=None):
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(texts))
    sorted_ = kinds and Kinds(tuple(kinds), ((),) * (max(kinds) + 1))
    return briefs(MediationRequest("Q?", people, candidates, seed=seed), sorted_)


def read_in(made, readings):
    """The opinions that are read for some candidate."""
    return {brief.opinions[at] for brief, r in zip(made, readings, strict=True) for at in r.places}


def words(text):
    return len(text.split())


def costs_of(texts):
    return {text: words(text) for text in texts}


def test_opinions_that_fit_are_all_shown_in_the_brief_s_order():
    made = round_of(["a b", "c", "d e f"])

    assert fitted(made, costs_of(made[0].opinions), 6) == [whole(brief) for brief in made]


def test_briefs_of_different_opinions_are_each_read_from_their_own():
    short, long = round_of(["a b"], candidates=1), round_of(["c", "d " * 40, "e f"], candidates=2)
    made = [*short, *long]
    costs = costs_of([text for brief in made for text in brief.opinions])

    readings = fitted(made, costs, SHORTEST_EXCERPT)

    assert readings[0] == whole(short[0])
    assert read_in(long, readings[1:]) == {*long[0].opinions}


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


@settings(max_examples=60)
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


def test_candidates_of_one_order_share_their_opinions_where_that_is_enough_to_read_all():
    texts = [f"{at} " + "word " * 9 for at in range(30)]
    made = round_of(texts)

    readings = fitted(made, costs_of(texts), 200)

    assert read_in(made, readings) == set(texts)
    assert len({reading.opinions for reading in readings}) == 4
    assert [readings[at] == readings[at - 1] for at in (1, 2, 3)] == [True] * 3


def test_where_it_is_not_each_candidate_has_opinions_of_its_own():
    texts = [f"{at} " + "word " * 9 for at in range(200)]
    made = round_of(texts)

    readings = fitted(made, costs_of(texts), 200)

    assert read_in(made, readings) == set(texts)
    assert len({reading.opinions for reading in readings}) == 16


KINDS = st.lists(st.integers(1, 60), min_size=1, max_size=6)
"""How many opinions there are of each kind."""


def people_of(sizes, lengths):
    """An opinion and its kind for each place, of lengths that go round."""
    kinds = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    texts = [f"{at} " + "w " * (lengths[at % len(lengths)] - 1) for at in range(len(kinds))]
    return texts, kinds


@settings(max_examples=40, deadline=None)
@given(
    sizes=KINDS,
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=7),
    candidates=st.integers(2, 16),
    room=st.integers(SHORTEST_EXCERPT, 900),
    seed=st.integers(0, 99),
)
@example(sizes=[1, 1, 1], lengths=[41], candidates=3, room=80, seed=0)  # room for two kinds of three
def test_each_kind_is_in_each_draft_where_there_is_room_for_an_excerpt_of_each(
    sizes, lengths, candidates, room, seed
):
    texts, kinds = people_of(sizes, lengths)
    made = round_of(texts, candidates=candidates, seed=seed, kinds=kinds)

    readings = fitted(made, costs_of(texts), room)

    kind = dict(zip(texts, kinds, strict=True))
    for brief, reading in zip(made, readings, strict=True):
        assert sum(map(words, reading.opinions)) <= room
        shown = {kind[brief.opinions[at]] for at in reading.places}
        assert len(shown) >= min(len(sizes), room // SHORTEST_EXCERPT)
    if len(texts) + len(sizes) * candidates <= candidates * (room // SHORTEST_EXCERPT):
        assert read_in(made, readings) == set(texts)


@settings(max_examples=40, deadline=None)
@given(
    sizes=KINDS,
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=7),
    others=st.lists(st.integers(1, 200), min_size=1, max_size=7),
    room=st.integers(SHORTEST_EXCERPT * 6, 500),
    seed=st.integers(0, 99),
)
def test_who_is_read_is_decided_by_lot_and_kind_and_length_decides_only_how_many(
    sizes, lengths, others, room, seed
):
    read = []
    for each in (lengths, others):
        texts, kinds = people_of(sizes, each)
        made = round_of(texts, candidates=3, seed=seed, kinds=kinds)
        found = read_in(made, fitted(made, costs_of(texts), room))
        read.append({text.split()[0] for text in found})

    fewer, more = sorted(read, key=len)
    assert fewer <= more


@settings(max_examples=40, deadline=None)
@given(
    sizes=KINDS,
    room=st.integers(SHORTEST_EXCERPT * 7, 600),
    long=st.integers(40, 200),
    short=st.integers(1, 200),
    seed=st.integers(0, 99),
)
def test_a_smaller_kind_is_read_in_proportion_or_better_however_short_or_long_its_opinions_are(
    sizes, room, long, short, seed
):
    sizes = [max(sizes) * 4, *sizes]
    kinds = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    texts = [f"{at} " + "w " * (long if kind == 0 else short) for at, kind in enumerate(kinds)]
    made = round_of(texts, candidates=4, seed=seed, kinds=kinds)

    read = read_in(made, fitted(made, costs_of(texts), room))

    of_kind = [
        sum(text in read for text, own in zip(texts, kinds, strict=True) if own == k)
        for k in range(len(sizes))
    ]
    for small, size in enumerate(sizes):
        for large in (at for at, other in enumerate(sizes) if other >= size):
            assert of_kind[small] * sizes[large] >= (of_kind[large] - 1) * size  # to within one


@pytest.mark.parametrize("length", [3, 60], ids=["short", "long"])
def test_of_56_among_2000_as_large_a_share_is_read_as_of_the_others(length):
    """In a window of 4,096 tokens; the shortest used to come last, and none of them was read."""
    many = [f"Buses and parking number {at}: " + "tickets and streets and lanes " * 15 for at in range(1_944)]
    few = [f"Wheelchair ramp {at} " + "kerb " * length for at in range(56)]
    texts = [*many, *few]
    made = round_of(texts, kinds=kinds_of(texts).of)

    readings = fitted(made, costs_of(texts), 3_400)

    read = read_in(made, readings)
    assert len(read & set(few)) / 56 >= len(read & set(many)) / 1_944 > 0.5
    for brief, reading in zip(made, readings, strict=True):
        assert {brief.opinions[at] for at in reading.places} & set(few)


@given(sizes=KINDS, at=st.integers(1, 300))
def test_each_beginning_of_the_dealing_order_holds_each_kind_in_proportion(sizes, at):
    kinds = [[(f"{kind}", place) for place in range(size)] for kind, size in enumerate(sizes)]

    order = dealing_order(kinds)

    assert sorted(order) == sorted(item for items in kinds for item in items)
    top = order[:at]
    for kind, size in enumerate(sizes):
        share = sum(name == str(kind) for name, _ in top)
        assert abs(share - len(top) * size / len(order)) <= len(sizes)
