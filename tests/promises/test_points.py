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
from bot.service.current_card import current_card
from bot.service.dispatch import dispatch
from bot.service.points import moderated, points_view
from bot.wording import point_lines, texts
from bot.wording.cards import ResultCard
from tests import web_house
from tests.promises.closed_rooms import PATIENT
from tests.promises.places import Place
from tests.web_house import House

SAID = (
    "Paper bags tear in the rain, so I keep mine of cloth at hand every day.",
    "My shop sells four hundred plastic bags a week and lives on every one of them.",
    "Let every store in this town take a deposit for each bag that it hands out.",
)
OPINIONS = (
    "Plastic bags should be banned in every shop. Glass bottles break too often on the way.",
    "Cheap reuse is what we need in every town. Deposits on bottles work well in other places.",
    "Trams should be free for everybody who comes without a car. Shops need time to change their habits.",
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
async def asked(place: Place) -> Place:
    """A question with six points, two of each of three people, of whom person 3 wrote none."""
    await place.ask(points=True)
    for person, text in enumerate(OPINIONS):
        await place.opine(person, text)
    await place.work()
    assert len(await place.votes()) == 6
    return place


async def vote_on_all(place: Place, person: int, side: str) -> None:
    """A window has room for most of the six points; a second one has the others."""
    for _ in range(2):
        await place.vote(person, side)


async def test_members_vote_and_see_how_others_did_only_after_their_own_vote(asked: Place) -> None:
    place, posted = asked, len(asked.posted())
    for person in (0, 1, 2):
        await vote_on_all(place, person, "agree")
    before = place.plain(await place.points(3))
    assert place.plain(str(point_lines.PRIVATE)) in before
    assert "3 agree" not in before
    told = place.plain(await place.say_of_points(3, "disagree"))
    assert "You disagreed. 3 agree, 0 disagree, 0 passed." in told
    # What one more says would be theirs: it is shown with that of others.
    assert "1 disagree" not in told
    assert sum(disagree for _, _, disagree in await place.votes()) >= 4
    # Nothing of it is everybody's to read.
    assert len(place.posted()) == posted
    assert not any("disagree" in each for each in place.posted())


async def test_what_comes_twice_counts_once_and_leads_on_until_no_point_is_left(asked: Place) -> None:
    place = asked
    place.everything_twice()
    await vote_on_all(place, 3, "agree")
    assert [agree for _, agree, _ in await place.votes()] == [1] * 6
    assert point_lines.ALL_DONE in place.plain(await place.points(3))


async def test_a_vote_that_comes_too_late_is_refused_with_one_sentence(asked: Place) -> None:
    place = asked
    await place.points(3)
    await place.run(CloseOpinions)
    told = place.plain(await place.say_of_points(3, "agree"))
    assert "no longer vote on its points" in told or point_lines.CLOSED in told
    assert all(agree == 0 for _, agree, _ in await place.votes())


async def test_while_the_database_is_away_a_vote_is_said_not_to_be_kept(asked: Place) -> None:
    place = asked
    await place.points(3)
    with place.database_away():
        assert texts.STORE_UNREACHABLE in place.plain(await place.say_of_points(3, "agree"))
    assert all(agree == 0 for _, agree, _ in await place.votes())


async def test_an_own_point_is_added_and_an_empty_one_is_refused(asked: Place) -> None:
    place = asked
    before = place.plain(await place.before_a_point(3))
    assert all(place.plain(note) in before for note in texts.point_notes(await place.load()))
    told = place.plain(await place.add_point(3, "Let <!channel> & @everyone *pay* a deposit."))
    assert str(point_lines.point_added()) in told
    assert "Your point is empty." in place.plain(await place.add_point(3, " \u200b "))
    (kept,) = (await place.ports.points.unshown(place.id)).values()
    assert list(kept.values()) == ["Let <!channel> & @everyone *pay* a deposit."]


async def test_only_who_runs_the_question_hides_a_point_and_that_is_logged(asked: Place) -> None:
    place = asked
    await place.hide_point(2, "Glass bottles")
    assert not any(each.hidden for each in await place.ports.points.all(place.id))
    told = place.plain(await place.hide_point(0, "Glass bottles"))
    assert point_lines.POINT_HIDDEN in told
    assert "hid “Glass bottles" in told
    for _ in range(2):
        assert "Glass bottles" not in await place.points(3)
        assert "Glass bottles" not in await place.say_of_points(3, "pass")


async def test_whoever_is_forgotten_takes_their_votes_along(asked: Place) -> None:
    place = asked
    await place.vote(3, "disagree")
    assert sum(disagree for _, _, disagree in await place.votes()) >= 4
    await place.forget(3)
    assert sum(disagree for _, _, disagree in await place.votes()) == 0


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
    """What anybody is shown of the points, on the card too, and what is exported."""
    view = await points_view(Actor("web", "v1"), deliberation.id, house.ports)
    found = await moderated(FAY, deliberation.id, house.ports)
    card = await current_card(await house.deliberations.load(deliberation.id), house.ports)
    return f"{view}{found}{card}{await queries.export(FAY, deliberation.id, house.ports)}"


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
    card = await current_card(await house.deliberations.load(deliberation.id), house.ports)
    assert isinstance(card, ResultCard)
    assert card.points.parts
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
    card = await current_card(await house.deliberations.load(deliberation.id), house.ports)
    assert "1 point was hidden by the people who run" in str(card)
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
