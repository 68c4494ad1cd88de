"""A second round: everybody votes once more, on what was drafted from what was said of the statement."""

import re
from collections.abc import Sequence

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating, Command, Revise
from bot.domain.deliberation import Phase
from bot.domain.rounds import Preference
from bot.service.dispatch import dispatch
from bot.wording import round_lines, texts
from bot.wording.confirmations import REVISING_VOTE
from tests.promises.on_web import WebPlace
from tests.promises.places import Place

# Where people can ask for another round, and say which of two statements they prefer.
WITH_ROUNDS = ("slack", "discord", "web")


@pytest.fixture(params=WITH_ROUNDS)
def with_rounds(request: pytest.FixtureRequest) -> Place:
    """Each of these in turn."""
    found: Place = request.getfixturevalue(f"on_{request.param}")
    return found


def revise(actor: Actor, id_: str) -> Command:
    return Revise(actor, id_, round=1)


async def say_why(place: Place, people: Sequence[int] = range(3)) -> None:
    """They say why; in an anonymous question it takes three before the statement can be revised."""
    for person in people:
        await place.give_reason(person, "It forgets the shops.")


async def test_a_revised_statement_is_voted_on_and_its_vote_is_the_result(place: Place) -> None:
    await place.ask()
    await place.answered("Yes.", "No.", "Perhaps.")
    first = (await place.load()).statement
    for person in range(3):
        await place.rate(person, 2)
    await say_why(place)
    await place.run(revise)
    second = await place.load()
    assert (second.phase, second.round) == (Phase.RATING, 2)
    assert second.statement != first
    assert await place.ratings() == []
    assert place.plain(second.statement or "") in place.plain(await place.sees(1))
    for person in range(3):
        await place.rate(person, 6)
    await place.run(CloseRating)
    settled = await place.load()
    assert (settled.phase, settled.round, settled.statement) == (Phase.SETTLED, 2, second.statement)
    assert settled.change is not None
    assert settled.change.movement is not None
    assert settled.change.movement.more == 3
    told = place.plain(await place.sees(1))
    assert "It forgets the shops." not in told
    assert "3 agree more with this one" in told


async def voted_on(place: Place) -> None:
    """Two have answered, three have rated and said why, and there may be three rounds."""
    await place.ask(most_rounds=3)
    await place.answered("Yes.", "No.")
    for person in range(3):
        await place.rate(person, 2)
    await say_why(place)


async def test_who_asked_has_it_revised_once_and_a_late_copy_revises_nothing_more(with_rounds: Place) -> None:
    place = with_rounds
    await voted_on(place)
    before = await place.load()
    for told in await place.tries_to_revise(1):
        assert "Only the person who asked this question or a team admin can do that." in place.plain(told)
    assert await place.load() == before

    asked = await place.revise()
    assert REVISING_VOTE.follows in place.plain(asked.shown)
    assert texts.REVISING in place.plain(await asked.yes())
    pressed = place.sent
    await place.again(pressed)
    await place.work()
    second = await place.load()
    assert (second.phase, second.round) == (Phase.RATING, 2)
    await say_why(place)
    await place.again(pressed)
    await place.work()
    assert await place.load() == second


async def test_what_changed_is_shown_and_the_last_choice_between_two_statements_counts(
    with_rounds: Place,
) -> None:
    place = with_rounds
    await voted_on(place)
    assert round_lines.PREFER not in await place.sees(1)
    await place.run(revise)
    shown = place.plain(await place.sees(1))
    assert all(words in shown for words in ("Round 2", round_lines.WHAT_CHANGED, round_lines.PREFERENCE_NOTE))
    assert "It forgets the shops." not in shown

    for person, choice in enumerate((Preference.REVISED, Preference.REVISED, Preference.NEITHER)):
        await place.prefer(person, Preference.FIRST)
        assert round_lines.PREFERENCE_KEPT in place.plain(await place.prefer(person, choice))
    chosen = [Preference.NEITHER, Preference.REVISED, Preference.REVISED]
    assert await place.preferences() == chosen
    late = await place.preference_form(1, Preference.FIRST)
    await place.run(CloseRating)
    assert "The vote on this question is closed." in place.plain(await late.yes())
    assert await place.preferences() == chosen
    told = place.plain(await place.sees(1))
    assert "2 the revised statement, 0 the one before, 1 neither" in told
    assert round_lines.PREFER not in told


@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
async def test_an_anonymous_question_is_revised_by_as_many_reasons_as_are_shown_and_a_named_one_by_the_first(
    place: Place, named: bool
) -> None:
    await place.ask(named=named, revise_below=100)
    await place.answered("Yes.", "No.", "Perhaps.")
    await say_why(place, range(2))
    before = await place.load()
    assert before.fewest_reasons == (1 if named else 3)
    if not named:
        reply = await dispatch(revise(Actor(before.team, before.facilitator), place.id), place.ports)
        assert reply.text == "A revision needs reasons from at least 3 members."
        for person in range(3):
            await place.rate(person, 1)
        await place.run(CloseRating)
        assert ((await place.load()).phase, (await place.load()).round) == (Phase.SETTLED, 1)
    else:
        await place.run(revise)
        assert (await place.load()).round == 2


NEWER = "There is a newer statement on this question. Rate that one."


async def test_what_is_said_of_the_first_statement_once_the_second_is_out_counts_for_neither(
    with_rounds: Place,
) -> None:
    place = with_rounds
    await place.ask(ask_quality=True)
    await place.answered("Yes.", "No.")
    await place.rate(1, 2)
    await say_why(place)
    forms = [
        await place.rating_form(0, 7),
        await place.quality_form(1, 7),
        await place.withdraw_rating(1),
        await place.withdraw_reason(2),
        await place.reason_form(3, "It is too long."),
    ]
    await place.run(revise)
    assert (await place.load()).round == 2
    await place.rate(1, 6)
    before = await place.kept()
    for form in forms:
        assert NEWER in place.plain(await form.yes())
    assert (await place.ratings(), await place.qualities()) == ([6], [])
    assert await place.kept() == before


async def test_a_reason_of_the_first_statement_stays_in_the_box_and_no_step_of_it_is_ticked(
    on_web: WebPlace,
) -> None:
    place = on_web
    await voted_on(place)
    form = await place.reason_form(4, "It is too long.")
    await place.run(revise)
    page = await form.yes()
    assert NEWER in place.plain(page)
    assert "It is too long.</textarea>" in page
    assert not re.search(r'name="rating"[^>]* checked', page)
    person, _, fields = place.sent
    # A rating goes with what is written in the same form.
    await person.send(f"/d/{place.id}/rating", fields)
    assert NEWER in place.plain(person.page)
    assert "It is too long.</textarea>" in person.page
    # Nothing that no form of ours has is taken for a round.
    for made_up in ("9" * 5_000, "\u0662", "-1", "2.0"):
        for act in ("rating", "reason", "compare"):
            crafted = {**fields, "choice": "first", "round": made_up}
            await person.send(f"/d/{place.id}/{act}", crafted)
            assert (NEWER in place.plain(person.page), person.status < 500) == (True, True), (act, made_up)
    assert (await place.ratings(), await place.reasons()) == ([], [])
    await place.runs()
    await place.asker.send(f"/d/{place.id}/manage/revise", {"sure": "yes", "seen": "9" * 5_000})
    assert "There is a newer statement by now." in place.plain(place.asker.page)
