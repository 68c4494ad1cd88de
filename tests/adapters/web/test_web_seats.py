"""Trying other seats: what wins then, for those who run a question; never of a group that is too small."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating, ForgetMe, GiveOpinion
from bot.domain.deliberation import Deliberation
from bot.domain.juries import MemberAttribute
from bot.domain.ratings import FEWEST_RATINGS
from bot.service.dispatch import dispatch
from bot.service.seats import told_groups, told_together
from bot.wording import jury_lines
from engine.types import Mediation, MediationRequest, OnProgress
from tests.web_house import FakeMediator, House, Person

TEAM = MemberAttribute(label="Team", values=("sales", "support", "legal"))
FIRST, SECOND = "Phase them out.", "Keep <them> & use them twice."


class BySales(FakeMediator):
    """Who says sales would rather have the second draft."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Two drafts."""
        made = await super().mediate(request, on_progress)
        against = ["sales" in each.text for each in request.said]
        first, second = made.candidates[:2]
        candidates = (
            first.model_copy(update={"text": FIRST, "rewards": tuple(2.0 if no else 6.5 for no in against)}),
            second.model_copy(
                update={"text": SECOND, "rewards": tuple(6.0 if no else 3.0 for no in against)}
            ),
        )
        return made.model_copy(update={"candidates": candidates, "statement": FIRST})


async def rated(house: House, *teams: str, closed: bool = True) -> Deliberation:
    """A question that these have answered, each of their team."""
    house.mediator = BySales()
    d = await house.ask(attributes=(TEAM,), quorum=len(teams))
    for number, team in enumerate(teams):
        house.clock.advance(timedelta(seconds=1))
        at, who = house.clock.now(), Actor("web", f"visitor {number}")
        opinion = GiveOpinion(who, d.id, f"We of {team} say so.", at, answers={0: team})
        reply = await dispatch(opinion, house.ports)
        assert reply.ok, reply.text
    await house.work()
    if closed:
        await dispatch(CloseRating(Actor("web", "asker"), d.id), house.ports)
        await house.work()
    return await house.deliberations.load(d.id)


@pytest.fixture
async def settled(house: House) -> Deliberation:
    return await rated(house, *["sales"] * 4, *["support"] * 6)


async def test_other_seats_show_which_statement_would_have_won(
    house: House, admin: Person, settled: Deliberation
) -> None:
    page = await admin.open(f"/d/{settled.id}/seats")
    alone = await admin.open(f"/d/{settled.id}/seats?attribute=Team&seats-0=6&seats-1=0")
    nobody = await admin.open(f"/d/{settled.id}/seats?attribute=Team&seats-0=0&seats-1=0")
    odd = await admin.open(f"/d/{settled.id}/seats?attribute=%3Cb%3E&seats-0=9999&seats-x=1&seats-7=2")

    assert f'/d/{settled.id}/seats"' in await admin.open(f"/d/{settled.id}/manage")
    assert page.count('type="range"') == 2
    assert "legal" not in page
    assert str(jury_lines.SEATS_HIDDEN) in page
    assert str(escape(SECOND)) in alone
    assert str(jury_lines.OTHER_WINNER) in alone
    assert str(jury_lines.GIVE_A_SEAT) in nobody
    assert "<b>" not in odd.split("<main")[1]


async def test_nothing_is_told_before_the_vote_to_whoever_has_not_rated(house: House, admin: Person) -> None:
    d = await rated(house, *["sales"] * 4, *["support"] * 6, closed=False)

    page = await admin.open(f"/d/{d.id}/seats")

    assert str(jury_lines.SEATS_NOT_YET) in page
    assert 'type="range"' not in page


async def test_members_have_no_such_page(house: House, settled: Deliberation) -> None:
    visitor = await house.visitor(settled)
    assert 'type="range"' not in await visitor.open(f"/d/{settled.id}/seats")


async def test_nothing_is_told_any_more_once_somebody_is_forgotten(
    house: House, admin: Person, settled: Deliberation
) -> None:
    await dispatch(ForgetMe(Actor("web", "visitor 3"), house.clock.now()), house.ports)
    await house.work()
    assert str(escape(jury_lines.SEATS_UNTOLD)) in await admin.open(f"/d/{settled.id}/seats")


@given(counts=st.lists(st.integers(0, 6), max_size=6), silent=st.integers(0, 6))
def test_every_group_with_seats_and_all_who_have_none_are_three_or_more(
    counts: list[int], silent: int
) -> None:
    present = {f"group {place}": count for place, count in enumerate(counts)}
    everybody = sum(counts) + silent

    shown = told_groups(present, everybody)

    left = everybody - sum(present[value] for value in shown)
    assert all(present[value] >= FEWEST_RATINGS for value in shown)
    assert not shown or left == 0 or left >= FEWEST_RATINGS
    assert shown == sorted(shown, key=list(present).index)


def test_groups_of_two_attributes_that_differ_by_few_are_not_told_of_together() -> None:
    offered = {"Team": ("support", "sales"), "Shift": ("early", "late"), "Site": ("here", "there")}
    people = [
        *[{"Team": "support", "Shift": "early", "Site": "here"}] * 3,
        {"Team": "sales", "Shift": "early", "Site": "there"},  # whom "early" tells from "support"
        *[{"Team": "sales", "Shift": "late", "Site": "there"}] * 3,
    ]
    answers = {str(at): each for at, each in enumerate(people)}

    assert told_together(offered, answers) == {"Team": ["support", "sales"], "Site": ["here", "there"]}


@given(people=st.lists(st.tuples(*[st.sampled_from(["", "a", "b"])] * 3), min_size=1, max_size=30))
def test_whoever_is_in_the_same_groups_by_all_that_is_told_of_is_one_of_three(
    people: list[tuple[str, str, str]],
) -> None:
    answers = {
        str(at): {label: value for label, value in zip("xyz", each, strict=True) if value}
        for at, each in enumerate(people)
    }

    told = told_together(dict.fromkeys("xyz", ("a", "b")), answers)

    cells = Counter(
        tuple(each.get(label, "") if each.get(label) in shown else "" for label, shown in told.items())
        for each in answers.values()
    )
    assert not any(told.values()) or min(cells.values()) >= FEWEST_RATINGS
