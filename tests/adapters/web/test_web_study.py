"""A study on the web channel: statements rated blind, below one's own opinion."""

import html
import re

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.domain.deliberation import Phase
from bot.domain.study import Study
from bot.service.dispatch import dispatch
from bot.service.ports.live import Rated
from engine.types import Arm

ARMS = (Arm.ZERO_SHOT, Arm.BEST_OPINION, Arm.LEAVE_ONE_OUT)
STUDY = Study(id="s1", group="g1", arms=ARMS, seed=3)
POSITION = "We should ban them."
TERMS = {"study": STUDY, "ask_quality": True, "position_statement": POSITION}


def shown(person):
    """The statements in the order of the page."""
    return [
        html.unescape(each) for each in re.findall(r"<blockquote>(.*?)</blockquote>", person.page, re.DOTALL)
    ]


def ids(person):
    return list(dict.fromkeys(re.findall(r'name="agreement-([\w-]+)"', person.page)))


async def rating(house, **terms):
    deliberation, people = await house.until_rating(3, **(TERMS | terms))
    for person in people:
        await person.open(f"/d/{deliberation.id}")
    return deliberation, people


async def test_before_answering_a_member_is_told_of_the_study(house):
    deliberation = await house.ask(**TERMS)
    person = await house.visitor(deliberation)

    assert "part of a study" in person.page
    assert "word for word" in person.page
    assert POSITION in person.page
    without = await house.ask(**(TERMS | {"study": STUDY.model_copy(update={"arms": (Arm.ZERO_SHOT,)})}))
    assert "word for word" not in (await house.visitor(without)).page


async def test_every_statement_is_shown_below_ones_own_opinion_and_none_says_where_it_comes_from(house):
    deliberation, people = await rating(house)
    orders = [shown(person) for person in people]

    assert len({tuple(sorted(order)) for order in orders}) == 1
    for at in range(3):
        assert len({order[at] for order in orders}) == 3
    page = people[1].page
    assert page.index("Opinion 1") < page.index("<blockquote>")
    assert not any(arm in page for arm in ARMS)
    assert deliberation.statement not in page
    assert "Draft 1" not in page


async def test_ratings_are_saved_as_far_as_they_are_given(house):
    deliberation, (ann, *_) = await rating(house)
    first, second, third = ids(ann)
    await ann.send(f"/d/{deliberation.id}/ratings", {f"agreement-{first}": "6", f"quality-{first}": "2"})
    assert "1 of 3 statements" in ann.page
    rest = {f"{scale}-{each}": "5" for scale in ("agreement", "quality") for each in (second, third)}
    await ann.send(f"/d/{deliberation.id}/ratings", rest)
    assert "all 3 statements are saved" in ann.page
    kept = await house.contributions.ratings(deliberation.id, 1, first)
    assert [(each.value, each.quality) for each in kept] == [(6, 2)]
    assert len(await house.contributions.ratings(deliberation.id, 1, third)) == 1
    assert len(re.findall(r'value="6"[^>]* checked', ann.page)) == 1


async def test_with_nothing_chosen_nothing_is_saved(house):
    deliberation, (ann, *_) = await rating(house)
    await ann.send(f"/d/{deliberation.id}/ratings", {"quality-nonsense": "9", "agreement-nonsense": "7"})

    assert ann.status == 422
    assert "Choose how far you agree" in ann.page


@pytest.mark.parametrize("value", ["9", "0"])
async def test_a_step_that_is_not_on_the_scale_is_refused(house, value):
    deliberation, (ann, *_) = await rating(house)
    (first, *_) = ids(ann)
    await ann.send(f"/d/{deliberation.id}/ratings", {f"agreement-{first}": value})

    assert list(await house.contributions.ratings(deliberation.id, 1, first)) == []


async def test_afterwards_members_are_thanked_and_see_their_own_ratings_only(house):
    deliberation, (ann, bob, _) = await rating(house)
    await ann.send(f"/d/{deliberation.id}/ratings", {f"agreement-{each}": "7" for each in ids(ann)})
    await dispatch(CloseRating(Actor("web", "asker", admin=True), deliberation.id), house.ports)
    await house.work()
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.SETTLED
    for person, mine in ((ann, 3), (bob, 0)):
        page = await person.open(f"/d/{deliberation.id}")
        assert "Thank you" in page
        assert page.count("You: strongly agree") == mine
        assert "How the candidates compared" not in page


async def test_open_pages_are_told_how_many_people_have_rated_whichever_statement(house):
    deliberation, people = await rating(house)
    async with house.live.subscribe(deliberation.id) as events:
        for number, person in enumerate(people, start=1):
            statement = ids(person)[number - 1]
            await person.send(f"/d/{deliberation.id}/ratings", {f"agreement-{statement}": "7"})
            assert await anext(events) == Rated(count=number)


async def test_those_who_run_it_see_how_many_have_rated(house, admin):
    deliberation, people = await rating(house)
    for person in people[:2]:
        await person.send(f"/d/{deliberation.id}/ratings", {f"agreement-{ids(person)[0]}": "7"})
    page = await admin.open(f"/d/{deliberation.id}/manage")

    assert '<span data-count="rated" data-of="3">2 of 3</span>' in page


async def test_what_was_chosen_is_still_chosen_when_something_is_missing(house):
    deliberation, people = await rating(house)
    name = f"quality-{ids(people[0])[0]}"

    page = await people[0].send(f"/d/{deliberation.id}/ratings", {name: "6"})

    assert people[0].status == 422
    assert f'name="{name}" value="6" checked' in page
    assert page.count(" checked") == 1


def everything(person):
    """A rating of every statement on both scales."""
    return {f"{scale}-{each}": "5" for scale in ("agreement", "quality") for each in ids(person)}


async def test_the_vote_ends_when_the_whole_group_has_rated_everything_and_says_so(house):
    deliberation, people = await rating(house)
    for person in people[:2]:
        await person.send(f"/d/{deliberation.id}/ratings", everything(person))
    last = people[2]
    assert "2 of 3 people have rated all" in await last.open(f"/d/{deliberation.id}")
    assert "closes when everyone in your group has rated" in last.page
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.RATING

    sent = everything(last)
    for _ in range(2):
        await last.send(f"/d/{deliberation.id}/ratings", sent)
        assert "all 3 statements are saved. Everyone in your group has rated, so the vote is" in last.page
    await house.work()
    assert (await house.deliberations.load(deliberation.id)).recorded


async def test_whoever_saves_what_is_missing_last_loses_none_of_the_rest(house):
    deliberation, people = await rating(house)
    *others, last = people
    for person in others:
        await person.send(f"/d/{deliberation.id}/ratings", everything(person))
    fields = everything(last)
    first, *_ = ids(last)
    await last.send(
        f"/d/{deliberation.id}/ratings", {name: to for name, to in fields.items() if first not in name}
    )
    changed = dict.fromkeys(fields, "2")
    await last.send(f"/d/{deliberation.id}/ratings", changed)

    assert "the vote is closed" in last.page
    for each in fields:
        if each.startswith("agreement"):
            kept = await house.contributions.ratings(deliberation.id, 1, each.removeprefix("agreement-"))
            assert sorted(rating.value for rating in kept) == [2, 5, 5]


async def test_while_somebody_of_the_group_has_not_come_the_vote_stays_open(house):
    deliberation, people = await rating(house)
    of_four = deliberation.terms.model_copy(update={"quorum": 4})
    await house.deliberations.save(deliberation.model_copy(update={"terms": of_four}))
    for person in people:
        await person.send(f"/d/{deliberation.id}/ratings", everything(person))

    assert "3 of 4 people have rated all" in await people[0].open(f"/d/{deliberation.id}")
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.RATING


async def test_what_to_change_is_asked_at_one_statement_and_saved_with_the_ratings_or_nothing_is(house):
    arms = (Arm.ZERO_SHOT, Arm.BEST_OPINION, Arm.REVISED)
    deliberation, (ann, *_) = await rating(house, study=STUDY.model_copy(update={"arms": arms}))
    first, second = ids(ann)
    assert ann.page.count("What would you change in this statement?") == 1
    given = {f"agreement-{first}": "6", f"quality-{first}": "2", "round": "1"}

    await ann.send(f"/d/{deliberation.id}/ratings", {**given, "reason": "x" * 1001})
    assert (ann.status, "the limit is 1,000" in ann.page) == (422, True)
    assert len(re.findall(r'value="6"[^>]* checked', ann.page)) == 1
    assert await house.contributions.ratings(deliberation.id, 1, first) == []

    await ann.send(f"/d/{deliberation.id}/ratings", {"reason": "It forgets the shops.", "round": "1"})
    assert "It forgets the shops." in ann.page
    await ann.send(f"/d/{deliberation.id}/ratings", {**given, "reason": "It forgets the bars."})
    assert "1 of 2 statements" in ann.page
    (kept,) = await house.contributions.reasons(deliberation.id, 1)
    assert kept.text == "It forgets the bars."
    assert await house.contributions.ratings(deliberation.id, 1, second) == []
