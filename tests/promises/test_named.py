"""Named: names are shown where it was said that they would be, and nowhere else."""

from bot.domain.commands import CloseOpinions
from bot.wording import texts
from tests.promises.places import Place

OPINIONS = ("Yes, all of them.", "Not yet.", "Maybe later.")


async def test_it_is_said_before_writing_who_sees_the_name(place: Place) -> None:
    await place.ask(named=True)
    assert "the people who run this question see it" in await place.before_writing(1)


async def test_an_export_says_who_wrote_what(place: Place) -> None:
    await place.ask(named=True)
    await place.answered(*OPINIONS)
    exported = await place.export()
    wrote = {place.name(person): text for person, text in enumerate(OPINIONS)}
    assert {opinion["name"]: opinion["text"] for opinion in exported.data["opinions"]} == wrote
    assert {row["name"]: row["opinion"] for row in exported.rows if row["opinion"]} == wrote
    assert place.user(1) not in exported.text


async def test_whoever_runs_it_sees_who_wrote_what_where_they_run_it(place: Place) -> None:
    await place.ask(named=True)
    await place.answered(*OPINIONS)
    shown = await place.manages()
    for person, text in enumerate(OPINIONS):
        assert place.name(person) in shown
        assert text in shown


async def test_members_are_not_shown_who_wrote_what(place: Place) -> None:
    await place.ask(named=True)
    await place.answered(*OPINIONS)
    shown = await place.sees(3)
    assert not any(place.name(person) in shown for person in range(3))
    assert not any(text in shown for text in OPINIONS)


async def test_private_ratings_are_nobodys_though_opinions_are_named(place: Place) -> None:
    await place.ask(named=True)
    await place.answered(*OPINIONS)
    for person, value in enumerate((7, 2, 6)):
        await place.rate(person, value)
    assert (await place.export()).ratings == []
    await place.rated()
    exported = await place.export()
    assert exported.data["rounds"][0]["ratings"] == [{"value": 2}, {"value": 6}, {"value": 7}]
    assert not any(row["rating"] and (row["participant"] or row["opinion"]) for row in exported.rows)


async def test_nothing_that_is_said_in_a_named_question_calls_it_anonymous(place: Place) -> None:
    await place.ask(named=True)
    said = [await place.before_writing(1), await place.how(1)]
    said += [await place.opine(person, text) for person, text in enumerate(OPINIONS)]
    asked = await place.withdraw_opinion(1)
    said += [asked.shown, await asked.yes(), await place.opine(1, OPINIONS[1])]
    await place.run(CloseOpinions)
    said += [await place.sees(1), await place.press_rating(1, 6)]
    await place.until_true(lambda values: len(values) == 1)
    asked = await place.withdraw_rating(1)
    said += [asked.shown, await asked.yes()]
    await place.rated(7, 2, 6)
    said += [await place.sees(1), await place.manages()]
    for false in ("anonym", "nobody sees who wrote", "nobody sees the opinions", "names are not kept"):
        assert [each for each in said if false in place.plain(each).lower()] == []


async def test_how_this_works_says_that_those_who_run_it_see_names(place: Place) -> None:
    await place.ask(named=True)
    shown = place.plain(await place.how(1))
    assert place.plain(texts.WHO_READS_OPINIONS) in shown


async def test_whoever_runs_it_is_told_who_has_answered(place: Place) -> None:
    await place.ask(named=True)
    assert place.name(1) not in await place.who_has_answered()
    await place.opine(1, "Yes, all of them.")
    assert place.name(1) in await place.who_has_answered()
