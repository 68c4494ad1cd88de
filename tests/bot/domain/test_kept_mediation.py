"""Taking a mediation apart loses nothing, and one part goes as one participant goes from the whole."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kept_mediation import KeptMediation, MediationInSum, in_sum, joined, parts_of
from engine.types import (
    BestOpinion,
    Candidate,
    ModelsUsed,
    OpenPoint,
    OpinionGroup,
    Timings,
    WelfareFunction,
)

REWARDS = st.floats(1, 7, allow_nan=False)
PEOPLE = ("zoe", "ann", "bob", "cem")


@st.composite
def mediations(draw):
    """Of up to four people in two groups, some of whom are left out; or with nothing predicted."""
    people = PEOPLE[: draw(st.integers(1, 4))]
    is_predicted = draw(st.booleans())

    def rewards():
        return tuple(draw(REWARDS) for _ in people) if is_predicted else ()

    candidates = tuple(
        Candidate(text=f"Statement {n}", source="s", seed=n, rewards=rewards(), welfare=4.0) for n in range(3)
    )
    best = BestOpinion(participant=draw(st.sampled_from(people)), rewards=rewards(), welfare=4.0, scored=2)
    groups = [tuple(draw(st.permutations(half))) for half in (people[::2], people[1::2]) if half]
    return KeptMediation(
        question="Why?",
        seed=1,
        statement="Statement 1",
        winner=1,
        welfare_function=WelfareFunction(),
        participants=people,
        candidates=candidates,
        models=ModelsUsed(generator="g", reward="r", prompt="p"),
        timings_s=Timings(draft=1, score=1, total=2),
        model_used=True,
        leaves_open=(OpenPoint(text="a later start", asked_by=people[:2]),),
        best_opinion=draw(st.sampled_from([None, best])),
        groups=tuple(
            OpinionGroup(
                participants=group,
                size=len(group),
                welfare=4.0,
                agree=0,
                opinions=group[:1],
                points=tuple((float(place), 1.0) for place in range(len(group))),
            )
            for group in groups
        )
        if is_predicted
        else (),
        left_out=tuple(draw(st.permutations(people[:2]))),
    )


@given(mediations(), st.sampled_from(PEOPLE))
def test_a_mediation_in_parts_is_the_same_one_also_when_somebody_is_forgotten(made, gone):
    parts, summed = parts_of(made), in_sum(made)
    assert joined(summed, parts) == made
    if gone in parts:
        left = summed.without_part(gone, parts.pop(gone))
        assert joined(left, parts) == made.without(gone)
        assert left == in_sum(made.without(gone))


@given(mediations())
def test_a_sum_is_read_back_as_it_was_written(made):
    assert MediationInSum.model_validate_json(in_sum(made).model_dump_json()) == in_sum(made)
