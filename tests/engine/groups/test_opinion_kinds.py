"""Kinds of opinions: who speaks of the same, and the words that tell it without giving anybody away."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.groups.opinion_kinds import FEWEST_USERS, MOST_KINDS, kinds_of

BUSES = ["buses", "tickets", "fares", "timetable", "drivers", "stops", "routes", "evening"]
RAMPS = ["wheelchair", "ramp", "kerb", "lift", "step", "access", "crossing", "handrail"]
TREES = ["trees", "shade", "leaves", "birds", "roots", "park", "benches", "grass"]


def said_with(words, count, *, seed):
    drawn = Random(seed)
    return [f"I say {at}: " + " ".join(drawn.sample(words, 5)) + "." for at in range(count)]


def test_those_who_speak_of_the_same_are_of_one_kind_and_its_words_tell_of_what():
    opinions = [*said_with(BUSES, 120, seed=1), *said_with(RAMPS, 12, seed=2), *said_with(TREES, 60, seed=3)]

    kinds = kinds_of(opinions)

    parts = [set(kinds.of[:120]), set(kinds.of[120:132]), set(kinds.of[132:])]
    for number, part in enumerate(parts):
        assert not any(part & other for other in parts[:number] + parts[number + 1 :])
        for kind in part:
            assert set(kinds.words[kind]) <= set([BUSES, RAMPS, TREES][number])


def test_the_largest_kind_comes_first():
    of = kinds_of([*said_with(RAMPS, 30, seed=2), *said_with(BUSES, 120, seed=1)]).of

    sizes = [of.count(kind) for kind in range(max(of) + 1)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_small_group_is_of_one_kind():
    assert kinds_of(["Yes.", "No.", "Perhaps."]).of == (0, 0, 0)


def test_opinions_that_share_no_words_are_of_one_kind():
    assert set(kinds_of([str(at) for at in range(40)]).of) == {0}


def test_a_word_that_one_member_alone_used_tells_no_kind():
    opinions = [f"{text} Secret{at}." for at, text in enumerate(said_with(BUSES, 60, seed=1))]
    opinions += [f"{text} Hidden{at}." for at, text in enumerate(said_with(RAMPS, 30, seed=2))]

    for word in (word for words in kinds_of(opinions).words for word in words):
        assert sum(word in opinion.casefold() for opinion in opinions) >= FEWEST_USERS


WORDS = st.sampled_from([*BUSES, *RAMPS, *TREES, "塑料袋", "🙂", "Straße", "không"])


@settings(max_examples=50, deadline=None)
@given(
    opinions=st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=60),
    random=st.randoms(),
)
def test_the_same_opinions_are_of_the_same_kinds_in_whatever_order_they_come(opinions, random):
    kinds = kinds_of(opinions)
    assert len(kinds.of) == len(opinions)
    assert set(kinds.of) == set(range(len(kinds.words))) <= set(range(MOST_KINDS))

    turned = random.sample(opinions, len(opinions))
    again = kinds_of(turned)

    assert dict(zip(turned, again.of, strict=True)) == dict(zip(opinions, kinds.of, strict=True))
    assert again.words == kinds.words
