"""Opinion groups on pages: what is drawn and told of them, when, and to whom."""

import re

import pytest

from adapters.web.links import results_link
from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import RatingBy
from bot.pictures import charts
from bot.service.dispatch import dispatch
from bot.wording import page_lines
from engine.groups.opinion_groups import MOST_GROUPS
from tests.web_house import House, Person

MARK = re.compile(r'<path class="g(\d)" transform="translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+)\)"')
HEADING = "Opinion groups"
UNITES, DIVIDES = "Unites the groups most", "Divides the groups most"


async def _voting(house: House, *camps: int, **terms: object) -> tuple[Deliberation, list[Person]]:
    house.mediator.camps = camps
    return await house.until_rating(sum(camps), **terms)


async def _settle(house: House, deliberation: Deliberation) -> Deliberation:
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    settled = await house.deliberations.load(deliberation.id)
    assert settled.phase is Phase.SETTLED
    return settled


async def _shared(house: House, deliberation: Deliberation) -> str:
    link = results_link(house.config, deliberation.team, deliberation.id)
    return await house.somebody().open(link)


def _map(page: str) -> list[tuple[int, float, float, float]]:
    drawn = page.split('class="chart map"')[1].split("</svg>")[0]
    return [(int(group), float(x), float(y), float(half)) for group, x, y, half in MARK.findall(drawn)]


def _draft_that(does: str, page: str) -> str:
    """The draft below which *Manage* says so."""
    (listed,) = (each for each in page.split("<li>") if does in each)
    return "".join(re.findall(r'<p class="text">(Draft \d+):', listed))


async def test_after_the_vote_everybody_sees_the_groups_and_only_who_runs_it_which_drafts_they_make_of_it(
    house: House, admin: Person
) -> None:
    voting, people = await _voting(house, 6, 4)
    member = people[0]
    await member.open(f"/d/{voting.id}")
    await member.send(f"/d/{voting.id}/rating", {"rating": "6"})
    while_open = [member.page, await people[1].open(f"/d/{voting.id}")]
    while_open += [await admin.open(f"/d/{voting.id}/manage"), await _shared(house, voting)]
    await _settle(house, voting)
    pages = [await _shared(house, voting), await member.open(f"/d/{voting.id}")]
    managed = await admin.open(f"/d/{voting.id}/manage")

    assert not any(HEADING in page or UNITES in page for page in while_open)
    for page in (*pages, managed):
        assert HEADING in page
        assert "There are 2 opinion groups." in page
        assert "1 group is likely to disagree with the statement." in page
        assert str(page_lines.OTHER_UNITES) in page
        assert "Group 1: 6.0; Group 2: 2.5." in page
        rows = re.findall(r'<th scope="row">(Group \d)</th><td>(\d)</td><td>([\d.]+)</td></tr>', page)
        assert rows == [("Group 1", "6", "6.0"), ("Group 2", "4", "2.5")]
    assert not any(UNITES in page or DIVIDES in page or "Draft 2:" in page for page in pages)
    assert (_draft_that(UNITES, managed), _draft_that(DIVIDES, managed)) == ("Draft 2", "Draft 1")


@pytest.mark.parametrize("anonymous", [True, False])
async def test_a_mark_is_a_member_where_names_are_known_and_a_whole_group_where_they_are_not(
    house: House, anonymous: bool
) -> None:
    voting, _ = await _voting(house, 6, 4, anonymous=anonymous)
    page = await _shared(house, await _settle(house, voting))

    assert len(charts.SHAPES) >= MOST_GROUPS
    marks = _map(page)
    assert [group for group, *_ in marks] == ([1, 2] if anonymous else [1] * 6 + [2] * 4)
    high = re.search(r'class="chart map" viewBox="0 0 300 ([\d.]+)"', page)
    assert high is not None
    assert all(half < x < 300 - half and half < y < float(high[1]) - half for _, x, y, half in marks)
    right, left = ([x for group, x, *_ in marks if group == which] for which in (1, 2))
    assert min(right) > max(left)  # whoever likes the statement better stands further to the right
    areas = [half**2 for *_, half in marks]
    assert areas[-1] / areas[0] == pytest.approx(4 / 6 if anonymous else 1, abs=0.01)
    said = page_lines.GROUPS_MAPPED if anonymous else page_lines.MEMBERS_MAPPED
    assert str(said) in page


@pytest.mark.parametrize(
    ("camps", "anonymous", "leaves", "unpredicted"),
    [
        ((4, 3), False, False, None),  # fewer than groups are looked for in
        ((10,), False, False, None),  # all of one mind
        ((4, 4), True, True, None),  # what is told would tell what changed when somebody left
        ((4, 4), False, False, "the reward model does not read German"),
    ],
)
async def test_of_one_group_and_where_nothing_is_predicted_or_somebody_left_nothing_is_told(
    house: House, camps: tuple[int, ...], anonymous: bool, leaves: bool, unpredicted: str | None
) -> None:
    house.mediator.unpredicted = unpredicted
    voting, people = await _voting(house, *camps, anonymous=anonymous)
    await _settle(house, voting)
    if leaves:
        assert HEADING in await _shared(house, voting)
        await people[0].open("/me")
        await people[0].send("/me/forget", {"sure": "yes"})
    assert HEADING not in await _shared(house, voting)


@pytest.mark.parametrize(
    ("by", "raters", "actual"),
    [
        (RatingBy.REACTIONS, 10, ["6.0", "2.0"]),
        (RatingBy.REACTIONS, 8, ["6.0", "–"]),  # too few of the second group
        (RatingBy.BUTTONS, 10, []),  # in private: a group's mean would tell something of each of its members
    ],
)
async def test_how_each_group_rated_is_told_only_where_everybody_saw_the_ratings(
    house: House, by: RatingBy, raters: int, actual: list[str]
) -> None:
    voting, people = await _voting(house, 6, 4, anonymous=False, rating_by=by)
    kept = await house.mediations.mediation(voting.id, 1)
    assert kept is not None
    wrote = {each.text: each.participant for each in await house.contributions.opinions(voting.id)}
    first = [p for at, p in enumerate(people) if wrote[f"Opinion {at}"] in kept.groups[0].participants]
    second = [person for person in people if person not in first]
    for person in [*first, *second][:raters]:
        await person.open(f"/d/{voting.id}")
        await person.send(f"/d/{voting.id}/rating", {"rating": "6" if person in first else "2"})
    page = await _shared(house, await _settle(house, voting))

    told = page.split('id="groups-title"')[1]
    assert ("Actual" in told) == bool(actual)
    assert re.findall(r"<td>\d</td><td>[\d.]+</td><td>([\d.–]+)</td>", told) == actual
