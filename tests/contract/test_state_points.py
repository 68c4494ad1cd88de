"""`Points`: what members vote on while opinions are open."""

import asyncio

import pytest

from bot.domain.deliberation import Author
from bot.domain.errors import GivenElsewhereError, OpinionError, TransitionError, VersionConflictError
from bot.domain.points import (
    FEWEST_NEW,
    MOST_POINTS,
    OWN_POINTS,
    SPAM_MARKS,
    Counts,
    OwnPoint,
    PointChange,
    PointVote,
    Side,
    VotesGiven,
    VotesMap,
)
from bot.domain.terms import Terms

PEOPLE = ("ann", "bob", "cem", "dan")


@pytest.fixture
async def split(state, sample):
    """A state with a question, d1, whose point p1 of ann's opinion is shown, and p2 of bob's."""
    await state.deliberations.add(sample.deliberation(terms=Terms(points=True)))
    for participant, id_ in (("ann", "p1"), ("bob", "p2")):
        opinion = sample.opinion(participant, f"{participant} says so.")
        await state.contributions.put_opinion("d1", opinion)
        await state.points.keep_split("d1", opinion, {id_: f"{participant} says so."})
    await state.points.show("d1", await state.points.unshown("d1"), fewest=1)
    return state


def vote(sample, participant, side=Side.AGREE, *, point="p1", at=1.0):
    return PointVote(participant=participant, point=point, side=side, given_at=sample.time(at))


async def point(state, id_="p1"):
    return next(each for each in await state.points.all("d1") if each.id == id_)


async def test_an_opinion_waits_until_it_is_split_and_its_words_decide(asked, sample):
    opinion = sample.opinion(text="Ban them. Reuse.")
    await asked.contributions.put_opinion("d1", opinion)
    assert await asked.points.waiting("d1", limit=9) == [opinion]
    assert not await asked.points.keep_split("d1", sample.opinion(text="Other words."), {"x": "Other"})
    assert await asked.points.keep_split("d1", opinion, {"p1": "Ban them.", "p2": "Reuse."})
    assert await asked.points.keep_split("d1", opinion, {"p3": "Ban them."})
    assert await asked.points.waiting("d1", limit=9) == []
    assert await asked.points.unshown("d1") == {"ann": {"p1": "Ban them.", "p2": "Reuse."}}


@pytest.mark.parametrize("act", ["edited", "withdrawn", "erased"])
async def test_who_said_the_same_waits_again_when_the_point_goes(split, sample, act):
    cem, dan = sample.opinion("cem", "Ann is right. Reuse."), sample.opinion("dan", "Reuse it.")
    for each in (cem, dan):
        await split.contributions.put_opinion("d1", each)
    assert await split.points.keep_split("d1", cem, {"c1": "Reuse."}, also={"p1": ""})
    assert await split.points.keep_split("d1", dan, {}, also={"c1": "cem"})
    if act == "edited":
        await split.contributions.put_opinion("d1", sample.opinion(text="I changed my mind.", at=2))
    elif act == "withdrawn":
        await split.contributions.remove_opinion("d1", "ann", sample.time(2))
    else:
        await split.contributions.erase_participant("d1", "ann", sample.time(2))
    waiting = await split.points.waiting("d1", limit=9)
    assert cem in waiting
    assert dan not in waiting
    # What was read before it went is not taken for what there is.
    assert not await split.points.keep_split("d1", cem, {}, also={"p1": ""})
    assert await split.points.keep_split("d1", cem, {"c2": "Ann is right."}, also={"c1": "cem"})
    assert await split.points.unshown("d1") == {"cem": {"c1": "Reuse.", "c2": "Ann is right."}}
    await split.contributions.remove_opinion("d1", "cem", sample.time(3))
    waiting = await split.points.waiting("d1", limit=9)
    assert dan in waiting
    assert cem not in waiting
    await split.contributions.remove_opinion("d1", "dan", sample.time(3))
    await split.contributions.put_opinion("d1", sample.opinion("dan", "Reuse it.", at=4))
    assert await split.points.keep_split("d1", sample.opinion("dan", "Reuse it."), {"d1": "Reuse it."})
    assert await split.points.unshown("d1") == {"dan": {"d1": "Reuse it."}}


@pytest.mark.parametrize("act", ["edited", "withdrawn", "erased"])
async def test_a_point_goes_with_the_words_that_it_was_made_of(split, sample, act):
    await split.points.vote("d1", vote(sample, "bob"))
    if act == "edited":
        await split.contributions.put_opinion("d1", sample.opinion(text="I changed my mind.", at=2))
    elif act == "withdrawn":
        await split.contributions.remove_opinion("d1", "ann", sample.time(2))
    else:
        await split.contributions.erase_participant("d1", "ann", sample.time(2))
    assert [each.id for each in await split.points.all("d1")] == ["p2"]
    with pytest.raises(OpinionError):
        await split.points.vote("d1", vote(sample, "cem", at=3))
    waiting = [each.text for each in await split.points.waiting("d1", limit=9)]
    assert waiting == (["I changed my mind."] if act == "edited" else [])


async def test_points_are_shown_all_or_none_and_never_of_those_who_are_left_when_one_went(split, sample):
    async def own(who, *ids):
        for id_ in ids:
            point = OwnPoint(id=id_, participant=who, text=f"Say {id_}.", given_at=sample.time(1))
            await split.points.put_own("d1", point)

    for who in PEOPLE[:FEWEST_NEW]:
        await own(who, f"{who}-1")
    read = await split.points.unshown("d1")
    await split.contributions.erase_participant("d1", "cem", sample.time(2))
    await split.points.show("d1", read)
    assert [each.id for each in await split.points.all("d1")] == ["p1", "p2"]
    await own("dan", "dan-1")
    many = {f"x{number}": "x" for number in range(MOST_POINTS - 4)}
    opinion = sample.opinion("eve", "Much.")
    await split.contributions.put_opinion("d1", opinion)
    await split.points.keep_split("d1", opinion, many)
    await split.points.show("d1", await split.points.unshown("d1"))
    assert len(await split.points.all("d1")) == 2
    for _ in range(2):
        await split.points.show("d1", {**read, "dan": {"dan-1": "Say."}})
    assert [each.id for each in await split.points.all("d1")] == ["ann-1", "bob-1", "dan-1", "p1", "p2"]


async def test_an_opinion_that_is_sent_again_keeps_its_points(split, sample):
    await split.contributions.put_opinion("d1", sample.opinion("ann", "ann says so.", at=2))
    assert [each.id for each in await split.points.all("d1")] == ["p1", "p2"]


async def test_the_newest_vote_counts_once_and_late_copies_change_nothing(split, sample):
    for side, at in (
        (Side.AGREE, 1),
        (Side.DISAGREE, 3),
        (Side.AGREE, 1),
        (Side.DISAGREE, 5),
        (Side.PASS, 4),
    ):
        await split.points.vote("d1", vote(sample, "cem", side, at=at))
    # An older vote on another point is no late copy.
    await split.points.vote("d1", vote(sample, "cem", point="p2", at=2))
    assert await split.points.votes_of("d1", "cem") == {"p1": Side.DISAGREE, "p2": Side.AGREE}
    assert (await point(split)).counts == Counts(disagree=1)
    assert await split.points.votes("d1") == {"cem": {"p1": Side.DISAGREE, "p2": Side.AGREE}}


async def test_counts_are_shown_of_several_new_people_together(split, sample):
    for at, side in enumerate((Side.AGREE, Side.DISAGREE, Side.AGREE, Side.PASS), 1):
        await split.points.vote("d1", vote(sample, "ann", side, at=at))
    await split.points.vote("d1", vote(sample, "bob"))
    assert (await point(split)).shown == Counts()
    await split.points.vote("d1", vote(sample, "cem"))
    assert (await point(split)).shown == Counts(agree=2, passed=1)
    await split.points.vote("d1", vote(sample, "dan"))
    assert (await point(split)).shown == Counts(agree=2, passed=1)
    assert (await point(split)).counts == Counts(agree=3, passed=1)


async def test_one_person_who_is_forgotten_and_votes_again_moves_nothing_on(split, sample):
    given = [await split.points.vote("d1", vote(sample, "eve", at=1))]
    for at in range(2, 8, 2):
        await split.contributions.erase_participant("d1", "eve", sample.time(at))
        given.append(await split.points.vote("d1", vote(sample, "eve", at=at + 1)))
    given.append(await split.points.vote("d1", vote(sample, "vic", Side.DISAGREE, at=9)))
    assert (await point(split)).shown == Counts()
    assert given == [(1, 1)] * 4 + [(2, 2)]
    # What had moved it on before is not taken off what has not.
    await split.points.vote("d1", vote(sample, "cem", at=10))
    assert (await point(split)).shown == Counts(agree=2, disagree=1)
    await split.points.vote("d1", vote(sample, "dan", at=11))
    await split.contributions.erase_participant("d1", "vic", sample.time(12))
    await split.points.vote("d1", vote(sample, "bob", at=13))
    assert (await point(split)).shown == Counts(agree=2, disagree=1)
    await split.points.vote("d1", vote(sample, "ann", at=13))
    assert (await point(split)).shown == Counts(agree=5)


async def test_votes_at_once_are_all_counted(states, split, sample):
    votes = [vote(sample, f"v{n}", point=id_) for n in range(10) for id_ in ("p1", "p2")]
    await asyncio.gather(*(states[n % 2].points.vote("d1", each) for n, each in enumerate(votes)))
    assert [each.counts for each in await split.points.all("d1")] == [Counts(agree=10)] * 2


async def test_forgetting_takes_votes_marks_and_points_along_for_good(split, sample):
    own = OwnPoint(id="p3", participant="cem", text="Tax them.", given_at=sample.time(1))
    await split.points.put_own("d1", own)
    await split.points.show("d1", await split.points.unshown("d1"), fewest=1)
    await split.points.vote("d1", vote(sample, "cem"))
    await split.points.vote("d1", vote(sample, "bob", point="p3"))
    await split.points.mark_spam("d1", "cem", "p2", sample.time(1))
    assert await split.contributions.erase_participant("d1", "cem", sample.time(5))
    assert (await split.points.votes_of("d1", "cem"), await split.points.own("d1", "cem")) == ({}, [])
    assert await split.points.marks_of("d1", "cem") == frozenset()
    assert [(each.id, each.counts, each.marks) for each in await split.points.all("d1")] == [
        ("p1", Counts(), 0),
        ("p2", Counts(), 0),
    ]
    await split.points.vote("d1", vote(sample, "cem", at=4))
    assert (await point(split)).counts == Counts()
    await split.points.vote("d1", vote(sample, "cem", at=6))
    await split.points.vote("d1", vote(sample, "cem", point="p2", at=4))
    assert await split.points.votes_of("d1", "cem") == {"p1": Side.AGREE}


async def test_so_many_marks_hide_a_point_until_somebody_shows_it_for_good(split, sample):
    for participant in (*PEOPLE[: SPAM_MARKS - 1], *PEOPLE[: SPAM_MARKS - 1]):
        await split.points.mark_spam("d1", participant, "p1", sample.time(1))
    assert not (await point(split)).hidden
    await split.points.mark_spam("d1", PEOPLE[SPAM_MARKS - 1], "p1", sample.time(2))
    hidden = await point(split)
    assert (hidden.hidden, hidden.by_members, hidden.marks) == (True, True, SPAM_MARKS)
    with pytest.raises(OpinionError):
        await split.points.vote("d1", vote(sample, "dan"))
    fay = Author(user="fay", name="Fay")
    shown = PointChange(point="p1", hidden=False, at=sample.time(3), by=fay)
    assert [await split.points.change("d1", shown) for _ in range(2)] == [True, False]
    await split.points.mark_spam("d1", PEOPLE[SPAM_MARKS], "p1", sample.time(4))
    assert not (await point(split)).hidden
    changes = await split.points.changes("d1")
    assert [(each.hidden, each.by) for each in changes] == [(False, fay), (True, None)]


async def test_whoever_is_forgotten_is_not_named_in_what_they_hid_and_others_are(split, sample):
    boss, fay = Author(user="boss", name="Bea"), Author(user="fay", name="Fay")
    for at, (by, hidden) in enumerate([(boss, True), (fay, False), (boss, True)]):
        await split.points.change("d1", PointChange(point="p1", hidden=hidden, at=sample.time(at), by=by))
    assert [await split.points.forget_changer("d1", "boss") for _ in range(2)] == [True, False]
    nobody = Author(user="", name="")
    assert [each.by for each in await split.points.changes("d1")] == [nobody, fay, nobody]
    assert not await split.points.forget_changer("nowhere", "boss")


async def test_own_points_have_a_limit_and_wait_to_be_shown(split, sample):
    def own(number):
        text = f"Point {number}"
        return OwnPoint(id=f"o{number}", participant="ann", text=text, given_at=sample.time(number))

    kept = [await split.points.put_own("d1", own(number)) for number in (*range(OWN_POINTS), 0, OWN_POINTS)]
    assert kept == [*[True] * OWN_POINTS, True, False]
    assert len(await split.points.own("d1", "ann")) == OWN_POINTS
    assert await split.points.all_own("d1") == await split.points.own("d1", "ann")
    assert list(await split.points.unshown("d1")) == ["ann"]


async def test_after_the_close_nothing_is_taken_and_another_giver_is_refused(split, sample):
    own = OwnPoint(id="o", participant="eve", text="Tax them.", given_at=sample.time(1))
    await split.points.vote("d1", vote(sample, "eve"), giver="a browser")
    for giving in (
        split.points.vote("d1", vote(sample, "eve", Side.PASS), giver="another"),
        split.points.put_own("d1", own, giver="another"),
        split.points.mark_spam("d1", "eve", "p1", sample.time(1), giver="another"),
        split.contributions.put_opinion("d1", sample.opinion("eve"), giver="another"),
    ):
        with pytest.raises(GivenElsewhereError):
            await giving
    await split.deliberations.save((await split.deliberations.load("d1")).closed(sample.time(9)))
    for giving in (
        split.points.vote("d1", vote(sample, "bob")),
        split.points.put_own("d1", own),
        split.points.mark_spam("d1", "bob", "p1", sample.time(1)),
        split.points.change("d1", PointChange(point="p1", hidden=True, at=sample.time(1))),
    ):
        with pytest.raises(TransitionError):
            await giving


async def test_a_map_is_kept_until_the_statement_is_out_and_counts_what_came_since(split, sample):
    assert await split.points.map("d1") is None
    for at, (who, voters) in enumerate((("ann", (1, 1)), ("bob", (2, 2)), ("ann", (2, 2)))):
        assert await split.points.vote("d1", vote(sample, who, list(Side)[at], at=at + 1)) == voters
    made = VotesMap(voters=2, counts={"p1": Counts(agree=2)})
    await split.points.keep_map("d1", made)
    assert await split.points.vote("d1", vote(sample, "cem")) == (3, 1)
    assert await split.points.vote("d1", vote(sample, "ann", at=9)) == (3, 2)
    closed = (await split.deliberations.load("d1")).closed(sample.time(9))
    out = closed.chosen("Reuse.").published(sample.time(9))
    closed = await split.deliberations.save(closed)
    await split.deliberations.save(out.model_copy(update={"version": closed.version}))
    await split.points.keep_map("d1", VotesMap(voters=9))
    assert await split.points.map("d1") == made


async def test_deleting_a_question_deletes_all_of_its_points(split, sample):
    await split.points.vote("d1", vote(sample, "ann"))
    await split.points.change("d1", PointChange(point="p1", hidden=True, at=sample.time(1)))
    await split.points.keep_map("d1", VotesMap(voters=1))
    await split.deliberations.delete("d1")
    await split.deliberations.add(sample.deliberation())
    assert list(await split.points.all("d1")) == list(await split.points.changes("d1")) == []
    assert (await split.points.votes("d1"), await split.points.map("d1")) == ({}, None)
    assert await split.points.unshown("d1") == {}


def test_what_is_kept_of_votes_names_sides_that_there_are():
    with pytest.raises(ValueError, match="side"):
        PointVote(participant="ann", point="p", side="maybe", given_at="2026-11-23T12:00Z")
    assert VotesGiven(participant="a", given_at="2026-11-23T12:00Z").votes == {}


async def test_a_question_is_not_changed_under_a_point_that_somebody_added(state, sample):
    seen = await state.deliberations.add(sample.deliberation(terms=Terms(points=True)))
    own = OwnPoint(id="o1", participant="ann", text="Mine.", given_at=sample.time(0))
    await state.points.put_own("d1", own)
    changed = seen.asked_anew("Another one?", "", seen.terms, 0, sample.noon)
    with pytest.raises(VersionConflictError):
        await state.deliberations.save(changed, most=0)
