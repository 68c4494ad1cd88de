"""Points to vote on, where Discord differs: the command, several questions, spam, what has no room."""

from collections.abc import AsyncIterator

import discord
import pytest

from adapters.discord.views import names, text
from adapters.discord.views.cards import card_message
from adapters.discord.views.points import (
    AT_ONCE,
    MANAGED_AT_ONCE,
    add_window,
    manage_points,
    points_message,
    vote_window,
)
from bot.domain.decision import Decision
from bot.domain.points import POINT_LIMIT, Side
from bot.domain.ratings import Rating, tally
from bot.service.points import VotedPoint
from bot.wording import point_lines, texts
from bot.wording.cards import Prediction, ResultCard
from tests import discord_house, points_samples
from tests.adapters.discord.test_discord_localisation import ASKED
from tests.discord_server.limits_of_discord import EMBED_TOTAL
from tests.promises.on_discord import DiscordPlace
from tests.promises.test_points import OPINIONS

HOSTILE = ("@everyone <@1> **x** [a](https://x.example) " * 20)[:POINT_LIMIT]


@pytest.fixture
async def place() -> AsyncIterator[DiscordPlace]:
    """A question with six points."""
    async with discord_house.make_house() as house, house.gateway():
        found = DiscordPlace(house, 5)
        await found.ask(points=True)
        for person, said in enumerate(OPINIONS):
            await found.opine(person, said)
        await found.work()
        yield found
        assert not house.discord.problems


async def test_the_command_leads_to_voting_and_votes_are_changed_in_place(place: DiscordPlace) -> None:
    ann = place.people[3]
    shown = await place._told(3, "accord points")
    assert point_lines.left_to_vote(6) in shown.shown
    assert point_lines.MODERATE not in str(shown.components)
    await ann.press(shown, str(point_lines.NEXT_POINTS))
    await place.say_of_points(3, "agree")
    await place.house.discord.until(lambda: "You agreed." in shown.shown, what="the votes, in its place")
    assert point_lines.left_to_vote(2) in shown.shown
    await ann.press(shown, str(point_lines.CHANGE_VOTES))
    await place.say_of_points(3, "disagree")
    await place.house.discord.until(lambda: "You disagreed." in shown.shown, what="the votes anew")
    kept = await place.votes()
    assert sorted((agree, disagree) for _, agree, disagree in kept) == [(0, 0)] * 2 + [(0, 1)] * 4


async def test_a_window_that_is_sent_empty_or_marks_spam_is_answered_with_a_sentence(
    place: DiscordPlace,
) -> None:
    await place.points(3)
    sent = await place.people[3].submit(values={})
    assert point_lines.CHOOSE_SIDE in (await place._answer(3, sent)).shown
    for person in (1, 2, 3):
        for _ in range(2):
            await place.points(person)
            if place.people[person].modal:
                told = await place.say_of_points(person, "spam")
        assert str(point_lines.marked_as_spam()) in place.plain(told)
    assert all(each.hidden and each.by_members for each in await place.ports.points.all(place.id))
    shown = await place._pressed(0, await place._told(0, "accord points"), point_lines.MODERATE)
    assert shown.shown.count(str(point_lines.HIDDEN_BY_MEMBERS)) == 6


async def test_which_of_several_questions_is_asked_and_without_one_that_is_said(place: DiscordPlace) -> None:
    first = place.id
    await place.ask(points=True)
    asked = await place._told(3, "accord points")
    assert texts.WHICH_QUESTION in asked.shown
    chosen = await place.people[3].choose(asked, str(point_lines.TITLE), first)
    assert point_lines.left_to_vote(6) in (await place._answer(3, chosen)).shown
    for id_ in (first, place.id):
        d = await place.ports.deliberations.load(id_)
        terms = d.terms.model_copy(update={"points": False})
        await place.ports.deliberations.save(d.model_copy(update={"terms": terms}))
    assert point_lines.NO_QUESTION_WITH_POINTS in (await place._told(3, "accord points")).shown
    # An old button says why not.
    told = await place.presses(3, names.custom_id(names.POINTS, first))
    assert "There are no points to vote on in this question." in told


def result_with_everything(said: str) -> ResultCard:
    """As long as a result can be."""
    noon = points_samples.NOON
    decision = Decision(
        decided=f"{said} " * 2, who=said[:90], by=noon.date(), recorded_at=noon, how_it_went=said * 2
    )
    d = ASKED.model_copy(update={"question": said * 9, "decision": decision})
    counted = tally([Rating(participant=str(each), value=each, given_at=noon) for each in range(1, 8)])
    foretold, points = Prediction(5.2, 2, 8, said * 9), points_samples.clear(said)
    return ResultCard(d, said * 20, counted, foretold, model_used=True, points=points)


def messages(said: str) -> list[discord.Embed]:
    """Every message with points in it."""
    voted = [VotedPoint(each, Side.PASS) for each in points_samples.points(said, AT_ONCE)]
    drawn = [
        points_message(points_samples.form(said, ASKED, AT_ONCE), said, voted, runs=True),
        points_message(points_samples.form(said, ASKED, AT_ONCE, left=0)),
        points_message(points_samples.form(said, ASKED, AT_ONCE, closed="Closed.")),
        manage_points(ASKED, points_samples.page(said, MANAGED_AT_ONCE, following=10), said),
        card_message(result_with_everything(said)),
        card_message(ResultCard(ASKED, said, tally([]), points=points_samples.clear(said))),
    ]
    assert all(each.new() for each in drawn)
    return [embed for each in drawn for embed in each.embeds]


@pytest.mark.parametrize("said", [HOSTILE, "*" * POINT_LIMIT, "x" * POINT_LIMIT, ""])
def test_points_fit_and_mention_nobody(said: str) -> None:
    for embed in messages(said):
        assert len(embed) <= EMBED_TOTAL
        assert "@everyone" not in str(embed.to_dict())
        assert "<@1>" not in str(embed.description)
    windows = [vote_window(points_samples.form(said, ASKED, AT_ONCE, at=at)) for at in (None, 4)]
    for window in (*windows, add_window(ASKED)):
        assert len(window.children) <= 5
        for each in window.children:
            if isinstance(each, discord.ui.TextDisplay):
                assert len(each.content) <= text.INPUT
                assert "@everyone" not in each.content
