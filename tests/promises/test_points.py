"""Points to vote on: said before writing on every platform, nobody's in anything shown, and forgotten."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import (
    AddPoint,
    CloseOpinions,
    CloseRating,
    ForgetMe,
    HidePoint,
    ShowPoint,
    VoteOnPoint,
)
from bot.domain.deliberation import Deliberation
from bot.domain.points import Side
from bot.domain.team import Defaults
from bot.service import queries
from bot.service.dispatch import dispatch
from bot.service.points import moderated, points_view
from bot.wording import point_lines
from tests import web_house
from tests.promises.closed_rooms import PATIENT
from tests.promises.places import Place
from tests.web_house import House

SAID = (
    "Paper bags tear in the rain, so I keep mine of cloth at hand every day.",
    "My shop sells four hundred plastic bags a week and lives on every one of them.",
    "Let every store in this town take a deposit for each bag that it hands out.",
)
SECOND = timedelta(seconds=1)
FAY = Actor("web", "asker")
Voted = tuple[House, Deliberation]


async def test_that_ones_sentences_are_voted_on_is_said_before_writing(place: Place) -> None:
    team = await place.ports.teams.team(place.team)
    defaults = team.defaults.model_copy(update={"points": True})
    await place.ports.teams.save_team(team.model_copy(update={"defaults": defaults}))
    assert Defaults().points is False
    await place.ask()
    deliberation = await place.load()
    points = deliberation.terms.model_copy(update={"points": True})
    await place.ports.deliberations.save(deliberation.model_copy(update={"terms": points}))
    assert point_lines.POINTS_NOTE in place.plain(await place.before_writing(1))


@pytest.fixture
async def voted() -> AsyncIterator[Voted]:
    """A web question whose points three opinions and bob gave, on which eight people voted."""
    house = await web_house.make_house(PATIENT)
    deliberation = await house.ask(points=True)
    people = [await house.visitor(deliberation) for _ in range(3)]
    for person, text in zip(people, SAID, strict=True):
        house.clock.advance(SECOND)
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": text})
    bob = Actor("web", "bob")
    await dispatch(AddPoint(bob, deliberation.id, "Bob says tax them.", house.clock.now()), house.ports)
    for number in range(2):
        other = Actor("web", f"other-{number}")
        await dispatch(
            AddPoint(other, deliberation.id, f"Other point {number}.", house.clock.now()), house.ports
        )
    await house.work()
    for number in range(8):
        for point in await house.points.all(deliberation.id):
            who = bob if number == 0 else Actor("web", f"v{number}")
            side = Side.DISAGREE if number == 0 else Side.AGREE
            await dispatch(VoteOnPoint(who, deliberation.id, point.id, side, house.clock.now()), house.ports)
    await house.work()
    house.clock.advance(SECOND)
    yield house, deliberation
    await house.close()


async def everything(house: House, deliberation: Deliberation) -> str:
    """What anybody is shown of the points, and what is exported."""
    view = await points_view(Actor("web", "v1"), deliberation.id, house.ports)
    found = await moderated(FAY, deliberation.id, house.ports)
    return f"{view}{found}{await queries.export(FAY, deliberation.id, house.ports)}"


async def finish(house: House, deliberation: Deliberation) -> None:
    for step in (CloseOpinions, CloseRating):
        house.clock.advance(SECOND)
        await dispatch(step(FAY, deliberation.id), house.ports)
        await house.work()


async def test_the_counts_at_the_end_are_those_that_were_shown_whoever_left_meanwhile(voted: Voted) -> None:
    house, deliberation = voted
    watcher = Actor("web", "v1")
    view = await points_view(watcher, deliberation.id, house.ports)
    before = {each.point.text: each.point.shown for each in view.voted if "Bob" not in each.point.text}
    await dispatch(ForgetMe(Actor("web", "bob"), house.clock.now()), house.ports)
    await finish(house, deliberation)
    told = json.loads(await queries.export(FAY, deliberation.id, house.ports))["points"]
    assert {each["text"]: {**each} for each in told} == {
        text: {"text": text, **shown.model_dump()} for text, shown in before.items()
    }
    view = await points_view(watcher, deliberation.id, house.ports)
    assert {each.point.text: each.point.shown for each in view.voted} == before


async def test_nothing_shown_or_exported_says_whose_a_point_is_or_who_voted_how(voted: Voted) -> None:
    house, deliberation = voted
    users = ["bob", *(f"v{number}" for number in range(2, 8)), "other-0", "other-1"]
    secrets = [house.ports.pseudonyms.of(deliberation, user) for user in users]
    assert json.loads(await queries.export(FAY, deliberation.id, house.ports))["points"] == []
    for _ in range(2):
        shown = await everything(house, deliberation)
        assert "Bob says tax them." in shown
        assert not any(secret in shown for secret in secrets)
        await finish(house, deliberation)
    told = json.loads(await queries.export(FAY, deliberation.id, house.ports))["points"]
    # Of the last two voters nothing is told: with what was shown before it would be how they voted.
    assert {"text": "Bob says tax them.", "agree": 5, "disagree": 1, "passed": 0} in told
    assert [each["text"] for each in told] == sorted(each["text"] for each in told)
    assert all(set(each) == {"text", "agree", "disagree", "passed"} for each in told)


@pytest.mark.parametrize("settled", [False, True], ids=["while it is open", "after its end"])
async def test_forgetting_takes_points_votes_and_words_and_the_counts_that_are_shown_tell_nothing(
    voted: Voted, settled: bool
) -> None:
    house, deliberation = voted
    if settled:
        await finish(house, deliberation)
    before = {each.id: each.shown for each in await house.points.all(deliberation.id)}
    await dispatch(ForgetMe(Actor("web", "bob"), house.clock.now()), house.ports)
    await house.work()
    left = await house.points.all(deliberation.id)
    assert all("Bob" not in each.text for each in left)
    assert {each.counts.disagree for each in left} == {0}
    # What was shown stays: the difference would be how they voted.
    assert all(each.shown == before[each.id] for each in left)
    key = house.ports.pseudonyms.of(deliberation, "bob")
    assert key not in await house.points.votes(deliberation.id)
    kept = await everything(house, deliberation)
    assert "Bob says" not in kept
    if settled:
        assert json.loads(await queries.export(FAY, deliberation.id, house.ports))["points"] == []
        # Whichever is missing now would be theirs.
        assert not any(text in kept for text in (*SAID, "Other point"))
        person = await house.visitor(deliberation)
        for path in ("", "/points"):
            page = await person.open(f"/d/{deliberation.id}{path}")
            assert point_lines.SOMEBODY_LEFT in page
            assert "Other point" not in page


async def test_no_point_is_taken_from_a_result_and_everybody_is_told_of_those_hidden_before(
    voted: Voted,
) -> None:
    house, deliberation = voted
    first, second, *_ = await house.points.all(deliberation.id)
    assert (await dispatch(HidePoint(FAY, deliberation.id, first.id), house.ports)).ok
    for _ in range(2):
        person = await house.visitor(deliberation)
        page = await person.open(f"/d/{deliberation.id}/points")
        assert "1 point was hidden by the people who run the question." in page
        await finish(house, deliberation)
    assert "1 point was hidden by the people who run" in await person.open(f"/d/{deliberation.id}")
    for command in (HidePoint(FAY, deliberation.id, second.id), ShowPoint(FAY, deliberation.id, first.id)):
        reply = await dispatch(command, house.ports)
        assert (reply.ok, "can no longer be hidden" in reply.text) == (False, True)
    told = json.loads(await queries.export(FAY, deliberation.id, house.ports))["points"]
    assert (first.text in str(told), second.text in str(told)) == (False, True)


async def test_the_page_of_ones_own_data_lists_ones_points(voted: Voted) -> None:
    house, deliberation = voted
    person = await house.visitor(deliberation)
    await person.open(f"/d/{deliberation.id}/points")
    await person.send(f"/d/{deliberation.id}/points/add", {"text": "My very own point."})
    page = await person.open("/me")
    assert re.search(rf"{point_lines.YOUR_POINT}.*My very own point\.", page, flags=re.DOTALL)
