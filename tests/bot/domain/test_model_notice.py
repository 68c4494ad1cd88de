"""Which models may read what was written, by what was told of them before."""

import pytest

from bot.domain.model_notice import ModelNotice, Readers

NONE = ModelNotice()
A = ModelNotice(drafter="m-1 on a.org", drafter_at=("a.org",))
NEWER = ModelNotice(drafter="m-2 on a.org", drafter_at=("a.org",))
B = ModelNotice(drafter="m-1 on b.org", drafter_at=("b.org",))
BOTH = ModelNotice(drafter="m-1 on a.org and b.org", drafter_at=("a.org", "b.org"))
OSLO = ModelNotice(drafter="Llama in Oslo", drafter_at=("a.org",))
OSLO_ANEW = ModelNotice(drafter="Llama in Oslo", drafter_at=("b.org",))
RESORTS = A.model_copy(update={"last_resort": True})
JUDGED = A.model_copy(update={"judge": "j on j.org", "judge_at": ("j.org",)})
# As older versions kept it.
UNPLACED = JUDGED.model_copy(update={"drafter_at": (), "judge_at": ()})
JUDGED_NEWER = A.model_copy(update={"judge": "k on j.org", "judge_at": ("j.org",)})
JUDGED_NEARBY = A.model_copy(update={"judge": "j on a.org", "judge_at": ("a.org",)})
ONLY_JUDGED = ModelNotice(judge="j on j.org", judge_at=("j.org",))


@pytest.mark.parametrize(
    ("told", "now", "drafter", "judge"),
    [
        (None, A, True, True),
        (NONE, NONE, True, True),
        (NONE, A, False, False),
        (A, NONE, True, True),
        (A, A, True, True),
        (A, NEWER, True, True),
        (A, B, False, False),
        (A, BOTH, False, False),
        (BOTH, A, True, True),
        (OSLO, OSLO_ANEW, False, False),
        (A, OSLO, True, True),
        (A, JUDGED, True, False),
        (A, JUDGED_NEARBY, True, True),
        (JUDGED, JUDGED_NEWER, True, True),
        (ONLY_JUDGED, JUDGED, False, True),
        (NONE, ONLY_JUDGED, True, False),
        (UNPLACED, JUDGED, True, True),
        (UNPLACED, JUDGED_NEWER, True, False),
        # Told to predict, it may not draft: that is another promise, of words that are quoted.
        (ONLY_JUDGED, ModelNotice(drafter="j on j.org", drafter_at=("j.org",)), False, False),
    ],
    ids=[
        "nothing-kept", "none-none", "none-a", "a-none", "the-same", "newer-there", "elsewhere",
        "also-elsewhere", "fewer-servers", "same-words-only", "renamed", "judged-elsewhere", "judged-there",
        "newer-judge", "drafted-too", "judged", "names-alone", "names-alone-newer-judge", "judge-drafts",
    ],
)  # fmt: skip
def test_a_model_may_read_in_a_place_that_was_told(told, now, drafter, judge):
    readers = now.readers(told)
    assert readers == Readers(drafter, judge)
    left = now.only(readers)
    assert left.withheld is readers.withheld is not (drafter and judge)
    assert (left.drafter, left.drafter_at) == ((now.drafter, now.drafter_at) if drafter else ("", ()))
    assert (left.judge, left.judge_at) == ((now.judge, now.judge_at) if judge else ("", ()))


@pytest.mark.parametrize(
    ("told", "now", "quotes"),
    [
        (None, RESORTS, True),
        (RESORTS, RESORTS, True),
        (A, RESORTS, False),
        (RESORTS, A, False),
        (B, RESORTS, False),
    ],
    ids=["nothing-kept", "told", "not-told", "no-longer", "elsewhere"],
)
def test_members_are_quoted_as_a_last_resort_only_where_they_were_told_so(told, now, quotes):
    readers = now.readers(told)
    left = now.only(readers)
    assert left.last_resort is quotes
    # That it quotes nobody withholds no model.
    assert left.withheld is (told == B)


def test_a_notice_says_where_its_models_run_or_names_none():
    named = ModelNotice(drafter="m-1 on a.org")
    half = A.model_copy(update={"judge": "j on j.org"})
    assert [each.says_where for each in (NONE, A, JUDGED, ONLY_JUDGED)] == [True] * 4
    assert [each.says_where for each in (named, half, ModelNotice(judge="j"))] == [False] * 3
