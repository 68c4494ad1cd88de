"""Pages of points: voting on one after the other, adding one, hiding what is out of place, what votes say."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from bot.domain.deliberation import Deliberation
from bot.domain.points import OWN_POINTS, SPAM_MARKS
from bot.wording import point_lines, texts
from tests.web_house import House, Person

SAID = (
    "Plastic bags should be banned in every shop because they end up in our rivers. "
    "Glass bottles need a deposit of at least a euro each.",
    "Bans only hurt the poor, who cannot pay for anything that is made of paper. "
    "Schools should teach recycling to all children from the first grade on.",
    "Companies must pay for the waste that they make and for taking it back. "
    "Trams should be free for everybody who leaves the car at home.",
)


async def voting(house: House, *more: str, **terms: Any) -> tuple[Deliberation, list[Person]]:
    """A question whose opinions are split and shown, with whoever gave them."""
    deliberation = await house.ask(points=True, **terms)
    people = []
    for number, text in enumerate((*SAID, *more)):
        person = await house.visitor(deliberation)
        house.clock.advance(timedelta(seconds=1))
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": text, "name": f"P{number}"})
        people.append(person)
    await house.work()
    return deliberation, people


def shown(page: str) -> str:
    """The point that somebody is asked about now; empty where there is none."""
    found = re.search(r'<blockquote id="point">([^<]*)<', page)
    return found[1] if found else ""


async def votes(
    person: Person, deliberation: Deliberation, side: str = "agree", *, at_most: int = 99
) -> list[str]:
    """Vote on one point after the other; their texts."""
    path = f"/d/{deliberation.id}/points"
    said: list[str] = []
    await person.open(path)
    while (text := shown(person.page)) and len(said) < at_most:
        said.append(text)
        await person.send(f"{path}/vote", {"point": person.hidden("point"), "side": side})
    return said


async def test_a_member_votes_on_one_point_after_the_other_until_none_is_left(house: House) -> None:
    deliberation, (ann, *_) = await voting(house)
    assert point_lines.GO_TO_POINTS in await ann.open(f"/d/{deliberation.id}")
    said = await votes(ann, deliberation)
    assert len(said) == len(set(said)) == 6
    assert any(text.startswith("Glass bottles") for text in said)
    assert point_lines.ALL_DONE in ann.page
    assert "You agreed." in ann.page


async def test_points_are_said_before_writing_and_only_where_there_are_some(house: House) -> None:
    for points in (True, False):
        deliberation = await house.ask(points=points)
        page = await (await house.visitor(deliberation)).open(f"/d/{deliberation.id}")
        before = page.partition("<textarea")[0]
        assert (str(point_lines.POINTS_NOTE) in before) is points


async def test_who_reads_an_own_point_is_said_before_its_box_and_that_points_go_where_one_withdraws(
    house: House,
) -> None:
    deliberation, (ann, *_) = await voting(house)
    page = unescape(await ann.open(f"/d/{deliberation.id}/points"))
    before = page.partition('<textarea id="text"')[0]
    assert all(note in before for note in texts.point_notes(deliberation))
    assert 'aria-describedby="text-notes text-hint"' in page
    assert point_lines.POINTS_GO in await ann.open(f"/d/{deliberation.id}")


async def test_nobody_sees_points_before_those_of_three_people_wait(house: House) -> None:
    deliberation = await house.ask(points=True)
    people = [await house.visitor(deliberation) for _ in range(3)]
    for number, person in enumerate(people):
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": SAID[number]})
        await house.work()
        page = await people[0].open(f"/d/{deliberation.id}/points")
        assert bool(shown(page)) is (number == 2)


async def test_how_others_voted_is_shown_after_ones_own_vote_and_not_of_the_last_two_alone(
    house: House,
) -> None:
    deliberation, people = await voting(house, "We need cheap reuse. I like trees a lot.")
    for number, person in enumerate(people[:3], 1):
        await votes(person, deliberation)
        told = "3 agree, 0 disagree, 0 passed." in person.page
        assert told is (number == 3)
    page = await people[3].open(f"/d/{deliberation.id}/points")
    assert "3 agree" not in page
    await votes(people[3], deliberation, "disagree", at_most=1)
    assert "3 agree, 0 disagree, 0 passed." in people[3].page
    assert "1 disagree" not in people[3].page


async def test_an_own_point_is_limited_and_shown_with_those_of_others(house: House) -> None:
    deliberation, (ann, bob, cem) = await voting(house)
    path = f"/d/{deliberation.id}/points"
    for number, person in enumerate((ann, bob, cem)):
        await person.open(path)
        await person.send(f"{path}/add", {"text": f"Own point number {number}."})
        await house.work()
        assert ("Own point number 0." in await votes(bob, deliberation)) is (number == 2)
    for number in range(OWN_POINTS):
        await ann.open(path)
        await ann.send(f"{path}/add", {"text": f"Another point {number}."})
    assert ann.status == 422
    assert f"Another point {OWN_POINTS - 1}." in ann.page
    await cem.open(path)
    await cem.send(f"{path}/add", {"text": "x" * 300})
    assert "300 characters" in cem.page, re.findall(r"role=.alert.*", cem.page)


async def test_several_marks_hide_a_point_and_whoever_runs_it_brings_it_back_with_a_log(house: House) -> None:
    deliberation, people = await voting(house)
    path = f"/d/{deliberation.id}/points"
    await people[0].open(path)
    text, id_ = shown(people[0].page), people[0].hidden("point")
    for person in people[:SPAM_MARKS]:
        await person.open(path)
        await person.send(f"{path}/spam", {"point": id_})
    assert text not in await votes(people[1], deliberation)
    admin = await house.admin()
    page = await admin.open(f"{path}/manage")
    assert point_lines.HIDDEN_BY_MEMBERS in page
    await admin.send(f"{path}/manage/show", {"point": id_})
    assert point_lines.HIDDEN_BY_MEMBERS not in admin.page
    await admin.send(f"{path}/manage/hide", {"point": id_})
    log = re.findall(r"<li><time.*?</li>", admin.page, flags=re.DOTALL)
    assert [("by marking" in line, " hid " in line) for line in log] == [
        (False, True),
        (False, False),
        (True, True),
    ]
    await people[0].open(f"{path}/manage")
    assert people[0].status == 403
    await people[0].open(path)
    await people[0].send(f"{path}/manage/show", {"point": id_})
    assert people[0].status == 403


async def test_what_votes_say_is_on_the_page_for_voters_and_then_on_the_result_with_no_name(
    house: House,
) -> None:
    camps = [SAID[number % 3] for number in range(9)]
    deliberation, people = await voting(house, *camps[:6])
    path = f"/d/{deliberation.id}/points"
    for number, person in enumerate(people):
        await person.open(path)
        while text := shown(person.page):
            side = "agree" if "bag" in text or (number % 2) == ("tram" in text.lower()) else "disagree"
            await person.send(f"{path}/vote", {"point": person.hidden("point"), "side": side})
        await house.work()
    page = await people[0].open(path)
    # One more has voted since: they are counted with the next two.
    assert "8 people voted on points." in page
    assert "Plastic bags should be banned" in page.partition(point_lines.VOTES_TITLE)[2]
    newcomer = await house.visitor(deliberation)
    told = (await newcomer.open(path)).partition(point_lines.VOTES_TITLE)[2]
    assert "Plastic bags" not in told
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/close")
    await house.work()
    page = await people[0].open(f"/d/{deliberation.id}")
    told = page.partition(point_lines.VOTES_TITLE)[2]
    assert "9 agree, 0 disagree, 0 passed." in told
    assert point_lines.CLOSED in await people[0].open(path)


@pytest.mark.parametrize("path", ["points", "points/manage"])
async def test_a_question_without_points_has_no_page_of_them(house: House, path: str) -> None:
    deliberation = await house.ask()
    admin = await house.admin()
    page = await admin.open(f"/d/{deliberation.id}/{path}")
    assert "There are no points to vote on in this question." in page


async def test_hostile_points_are_shown_as_text(house: House) -> None:
    bad = "<script>alert(1)</script> is what we all need here."
    deliberation, people = await voting(house, bad)
    assert all("<script>alert" not in text for text in await votes(people[0], deliberation))
    assert "<script>alert" not in people[0].page
    assert "&lt;script&gt;" in people[0].page
    assert texts.UNEXPECTED not in people[0].page
