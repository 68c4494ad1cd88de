"""A digest after one of those whom it quotes asked to be forgotten."""

import pytest

from engine.digest import DIFFER, MOST, NEED, REMOVED, Digest, Group, Point, Section, as_text, read_digest
from engine.digest_redaction import without_quotes
from engine.drafting.digest.drafter import DigestGenerator
from engine.types import Brief

OPINIONS = (
    "Two fixed days, please. Alone in the office I get nothing done.",
    "None. I moved far away and will not commute.",
    "Two days are fine with me. Meetings must end at four, because the nursery closes at five.",
    "Yes, but let each team choose. I would come on Tuesdays; on Fridays my mother needs me.",
    "Three days. New people learn nothing from a screen!",
)
QUESTION = "How many days a week should we work in the office?"
DIGEST = as_text(
    Digest(
        (
            Section(MOST, (Group((Point("Ban them.", 3), Point("I love bags."))),)),
            Section(
                DIFFER,
                (
                    Group((Point("Ban them now."),), "Yes (2 of 4)"),
                    Group((Point("Keep “them”."),), "No (1 of 4)"),
                ),
            ),
            Section(NEED, (Group((Point("I need bags for my shop."),)),)),
        ),
        common=False,
        left_out=1,
    )
)


def shown(digest: Digest) -> list[tuple[str, list[str]]]:
    return [
        (group.label, [point.quoted for point in group.points])
        for section in digest.sections
        for group in section.groups
    ]


async def drafted(count: int = 6) -> list[str]:
    briefs = [Brief(index, QUESTION, OPINIONS, seed=index) for index in range(count)]
    return [draft.text async for draft in DigestGenerator().draft(briefs)]


def test_their_words_are_marked_as_removed_and_counts_go_down():
    digest = read_digest(without_quotes(DIGEST, "Keep “them”. I need bags for my shop.", ["Ban them."]))
    assert digest is not None
    assert shown(digest) == [
        ("", ["“Ban them.” (3 of us)", "“I love bags.”"]),
        ("Yes (2 of 3)", ["“Ban them now.”"]),
        ("No", [REMOVED]),
        ("", [REMOVED]),
    ]
    assert digest.left_out == 1
    assert not digest.common


def test_what_others_said_too_stays_and_is_counted_for_one_fewer():
    digest = read_digest(without_quotes(DIGEST, "Ban them! I love bags.", ["Please, ban them", "Ban them."]))
    assert digest is not None
    assert shown(digest)[0] == ("", ["“Ban them.” (2 of us)", REMOVED])


def test_of_what_others_said_in_similar_words_the_wording_goes_and_the_others_stay_counted():
    digest = read_digest(without_quotes(DIGEST, "Ban them.", ["They should be banned", "A ban of them"]))
    assert digest is not None
    assert shown(digest)[0] == ("", [f"{REMOVED} (2 of us)", "“I love bags.”"])


@pytest.mark.parametrize(
    ("statement", "opinion"),
    [(DIGEST, "I never said any of that."), ("We agree to ban them.", "Ban them."), (DIGEST, "…")],
    ids=["nothing-of-theirs", "no-digest", "no-words"],
)
def test_everything_else_stays_as_it_is(statement, opinion):
    assert without_quotes(statement, opinion, []) == statement


@pytest.mark.parametrize("member", range(len(OPINIONS)))
async def test_of_a_real_digest_nothing_that_they_wrote_is_left_and_the_others_words_are(member):
    """Whatever was stripped or joined when the digest was made."""
    theirs, others = OPINIONS[member], [text for at, text in enumerate(OPINIONS) if at != member]
    for text in await drafted():
        before = read_digest(text)
        left = without_quotes(text, theirs, others)
        after = read_digest(left)
        assert before is not None
        assert after is not None
        for old, new in zip(before.points, after.points, strict=True):
            words = old.text.rstrip(".!").lower()
            assert (new.text == REMOVED) is (words in theirs.lower()), (old, new)
        assert without_quotes(left, theirs, others) == left


async def test_a_digest_from_which_all_are_removed_quotes_nobody():
    for text in await drafted():
        left, rest = text, list(OPINIONS)
        while rest:
            gone = rest.pop()
            left = without_quotes(left, gone, rest)
        digest = read_digest(left)
        assert digest is not None
        assert {point.text for point in digest.points} == {REMOVED}


def test_a_mark_of_what_was_removed_is_nobody_s_words():
    differ = Section(DIFFER, (Group((Point(REMOVED), Point("Keep the bags.", 2)), "Yes (2 of 4)"),))
    told = as_text(Digest((differ,), common=False))

    assert without_quotes(told, "What was removed should come back.", ["Keep the bags."]) == told
