"""Running a question: only its people can, nothing is destroyed by one click, and a failure loses nothing."""

from datetime import UTC, datetime

from bot.domain.actors import Actor
from bot.domain.commands import CloseOpinions, CloseRating, Reopen
from bot.domain.deliberation import NOT_CANCELLED, Phase
from bot.domain.library import Template
from bot.service.dispatch import dispatch
from bot.wording import texts
from bot.wording.confirmations import CANCEL, CLOSE_VOTE, removing_template, replacing_template
from engine.errors import GenerationError, GeneratorUnavailableError
from tests.promises.places import QUESTION, ChatPlace, Place

NEXT_YEAR = datetime(2027, 6, 1, tzinfo=UTC)
RETRO = Template(name="Retro", question="What shall we change?")


async def test_members_cannot_run_a_question(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    before = await place.load()
    for told in await place.tries_to_run(1):
        assert "Only the person who asked this question or a team admin can do that." in place.plain(told)
    assert await place.load() == before


async def test_whoever_asked_exports_without_being_an_admin_once_there_is_something(place: Place) -> None:
    await place.ask_as_member()
    assert (await place.export()).data["deliberation"]["question"] == QUESTION
    await place.ports.deliberations.save(
        (await place.load()).model_copy(update={"phase": Phase.SCHEDULED, "opens_at": NEXT_YEAR})
    )
    assert "export.json" not in await place.manages()
    told = place.plain(await place.asks_for_export()).replace("`", "")
    assert texts.NOTHING_TO_EXPORT in told or texts.NO_QUESTION.replace("`", "") in told


# -- nothing is destroyed by one click -----------------------------------------------------------


async def test_closing_with_too_few_opinions_keeps_the_question_open(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Mine.")
    assert "it has 1 of the 2 opinions it needs" in place.plain(await place.close())
    await place.work()
    assert (await place.load()).phase is Phase.OPINIONS
    await place.opine(2, "Another.")
    await place.close()
    await place.work()
    assert (await place.load()).phase is Phase.RATING


async def test_a_question_with_too_few_opinions_ends_at_its_deadline_and_says_why(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Mine.")
    await place.deadline_is_over()
    assert (await place.load()).phase is Phase.CANCELLED
    assert "Only one opinion came in; at least 2 are needed." in place.plain(await place.sees(1))


async def test_closing_a_second_time_with_what_closed_the_opinions_leaves_the_vote_open(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    await place.close()
    closed = place.sent
    await place.work()
    await place.rate(1, 6)
    await place.again(closed)
    await place.work()
    assert (await place.load()).phase is Phase.RATING


async def test_saying_close_again_while_nobody_has_rated_asks_first(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.answered("Mine.", "Another.")
    await chat.close()
    asked = await chat.close()
    assert "Nobody has rated the statement yet" in asked
    assert (await chat.load()).phase is Phase.RATING


async def test_closing_a_vote_asks_first_while_too_few_have_rated_to_be_shown(place: Place) -> None:
    await place.ask()
    await place.answered("Mine.", "Another.")
    asked = await place.close_vote()
    assert texts.NOBODY_HAS_RATED in place.plain(asked.shown)
    for person in (1, 2):
        await place.rate(person, 6)
    asked = await place.close_vote()
    assert f"{texts.few_have_rated(2, 3)} {CLOSE_VOTE.follows}" in place.plain(asked.shown)
    assert (await place.load()).phase is Phase.RATING
    assert texts.SETTLED in place.plain(await asked.yes())
    await place.work()
    assert (await place.load()).phase is Phase.SETTLED


async def test_cancelling_asks_first(place: Place) -> None:
    await place.ask()
    asked = await place.cancel()
    assert CANCEL.follows in place.plain(asked.shown)
    assert (await place.load()).phase is Phase.OPINIONS
    assert texts.CANCELLED in await asked.yes()
    await place.work()
    assert (await place.load()).phase is Phase.CANCELLED
    assert texts.CANCELLED_BY_PERSON in place.plain(await place.sees(1))


async def test_cancelling_is_asked_again_once_there_is_something_else_to_lose(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    asked = await place.cancel()
    await place.run(CloseOpinions)
    voting = await place.load()
    assert NOT_CANCELLED[Phase.RATING] in place.plain(await asked.yes())
    assert await place.load() == voting
    asked = await place.cancel()
    await place.run(CloseRating)
    assert "This question is settled, so that can't be done now." in place.plain(await asked.yes())
    assert (await place.load()).phase is Phase.SETTLED


async def test_removing_a_template_asks_first_and_gives_its_words_back(chat: ChatPlace) -> None:
    await chat.ports.library.put_template(chat.team, RETRO)
    asked = await chat.remove_template(RETRO.name)
    assert removing_template(RETRO, ()).follows in chat.plain(asked.shown)
    assert await chat.ports.library.templates(chat.team) == [RETRO]
    told = chat.plain(await asked.yes())
    assert texts.TEMPLATE_REMOVED in told
    assert RETRO.question in told
    assert await chat.ports.library.templates(chat.team) == []


async def test_a_template_is_not_replaced_without_having_asked(chat: ChatPlace) -> None:
    kept, new = chat.ports.library, "What went well?"
    assert texts.TEMPLATE_KEPT in (await chat.keep_template(RETRO.name, RETRO.question)).shown
    (before,) = await kept.templates(chat.team)
    # The same once more loses nothing.
    assert texts.TEMPLATE_KEPT in (await chat.keep_template(RETRO.name, RETRO.question)).shown
    asked = await chat.keep_template(RETRO.name, new)
    window = chat.sent
    assert replacing_template(RETRO, ()).follows in chat.plain(asked.shown)
    assert await kept.templates(chat.team) == [before]
    # Another admin saved other words meanwhile: these are asked about too, and stay.
    meanwhile = before.model_copy(update={"question": "What went badly?"})
    await kept.put_template(chat.team, meanwhile)
    assert replacing_template(meanwhile, ()).follows in chat.plain(await asked.yes())
    assert await kept.templates(chat.team) == [meanwhile]
    await kept.put_template(chat.team, before)
    asked = await chat.keep_template(RETRO.name, new)
    told = chat.plain(await asked.yes())
    assert texts.removed(texts.TEMPLATE_REPLACED, RETRO.question, "") in told
    assert [each.question for each in await kept.templates(chat.team)] == [new]
    # A late copy of the window, when there is nothing left to ask about, keeps nothing anew.
    await kept.remove_template(chat.team, RETRO.name)
    await chat.again(window)
    assert await kept.templates(chat.team) == []


async def test_a_late_copy_changes_nothing_in_the_library(chat: ChatPlace) -> None:
    kept, team = chat.ports.library, chat.team
    await chat.keep_template(RETRO.name, RETRO.question)
    made = chat.sent
    await chat.schedule(RETRO.name)
    scheduled = chat.sent
    await chat.import_questions("question\nWhy?")
    imported = chat.sent
    await (await chat.remove_template(RETRO.name)).yes()
    removed = chat.sent
    (schedule,), (question,) = await kept.schedules(team), await kept.bank(team)
    await kept.remove_schedule(team, schedule.id)
    await kept.remove_from_bank(team, question.id)
    for late in (made, scheduled, imported):
        await chat.again(late)
    assert [*await kept.templates(team), *await kept.schedules(team), *await kept.bank(team)] == []
    await kept.put_template(team, RETRO)
    await chat.again(removed)
    assert await kept.templates(team) == [RETRO]


# -- a draft that cannot be had ------------------------------------------------------------------


async def test_a_drafting_that_failed_is_told_and_those_who_run_it_can_try_again(place: Place) -> None:
    place.house.mediator.failure = GenerationError("The generator answered nothing of use.")
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    await place.run(CloseOpinions)
    assert texts.NO_STATEMENT in place.plain(await place.sees(1))
    failed = await place.load()
    assert "Only the person who asked" in await place.retry(1)
    assert await place.load() == failed
    place.house.mediator.failure = None
    assert texts.RETRYING in place.plain(await place.retry(0))
    await place.work()
    assert "Draft 1" in await place.sees(1)
    assert await place.opinions() == ["Another.", "Mine."]


WHY = "The generator at http://10.1.2.3:8080 (TGI_URL) answered nothing of use."


async def given_up(place: Place) -> None:
    """A question is closed, and no statement can be drafted from its two opinions."""
    place.house.mediator.failure = GenerationError(WHY)
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    await place.run(CloseOpinions)


async def test_why_drafting_failed_is_read_by_those_who_run_the_question_alone(place: Place) -> None:
    await given_up(place)
    for shown in (*place.posted(), await place.sees(1)):
        assert "10.1.2.3" not in shown
        assert "TGI" not in shown
    assert texts.NO_STATEMENT in place.plain(await place.sees(1))
    assert "10.1.2.3" in place.plain(await place.manages())


async def test_whoever_asked_is_written_to_once_each_time_that_drafting_is_given_up(chat: ChatPlace) -> None:
    await given_up(chat)
    note = texts.gave_up(await chat.load())
    assert WHY.rstrip(".") in note
    await chat.work()
    assert [note in chat.plain(each) for each in chat.written_to(0)] == [True]
    await chat.retry(0)
    await chat.work()
    await chat.pause_is_over()
    assert [note in chat.plain(each) for each in chat.written_to(0)] == [True, True]
    assert chat.written_to(1) == []


async def test_opinions_that_cannot_be_used_are_opened_again_and_none_is_lost(place: Place) -> None:
    await given_up(place)
    assert texts.REOPENED in place.plain(await place.reopen())
    await place.work()
    reopened = await place.load()
    assert reopened.phase is Phase.OPINIONS
    assert await place.opinions() == ["Another.", "Mine."]
    await place.opine(1, "Mine, in other words.")
    await place.opine(3, "A third.")
    place.house.mediator.failure = None
    await place.close()
    await place.work()
    assert "Draft 1" in await place.sees(1)
    assert await place.opinions() == ["A third.", "Another.", "Mine, in other words."]


async def test_only_those_who_run_a_question_open_it_again(place: Place) -> None:
    await given_up(place)
    before = await place.load()
    reply = await dispatch(Reopen(Actor(place.team, place.user(1)), place.id, NEXT_YEAR), place.ports)
    assert not reply.ok
    assert await place.load() == before


async def while_the_model_is_away(place: Place) -> None:
    """A question is closed, and the model is asked in vain, twice."""
    place.house.mediator.failure = GeneratorUnavailableError("The generator does not answer.")
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    await place.run(CloseOpinions)
    await place.pause_is_over()


async def test_while_the_model_is_away_everybody_reads_that_nothing_is_lost_and_then_nothing_is(
    place: Place,
) -> None:
    await while_the_model_is_away(place)
    assert "Accord can't write the statement yet" in place.plain(await place.sees(1))
    place.house.mediator.failure = None
    await place.pause_is_over()
    assert "Draft 1" in await place.sees(1)
    assert await place.opinions() == ["Another.", "Mine."]


async def test_while_the_model_is_away_whoever_asked_is_written_to_once(chat: ChatPlace) -> None:
    await while_the_model_is_away(chat)
    told = [chat.plain(each) for each in chat.written_to(0)]
    assert [texts.no_draft_yet(await chat.load(), None) in each for each in told] == [True]
    assert chat.written_to(1) == []
