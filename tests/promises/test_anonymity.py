"""Anonymous: nobody can tell from anything shown or exported which opinion or rating is whose."""

import pytest

from bot.domain.ratings import ResultsShown
from bot.wording import texts
from tests.promises.places import Place

# The one who writes first comes last in the alphabet.
OPINIONS = ("Yes, all of them.", "Not yet.", "Maybe later.", "Ban the worst.")
DISTRIBUTION = ("Mean ", " of 7 from", "How members rated")


def told_of_ratings(shown: str) -> bool:
    """Whether somebody is shown how members rated."""
    return any(words in shown for words in DISTRIBUTION)


async def test_it_is_said_before_writing_who_can_read_it(place: Place) -> None:
    await place.ask()
    shown = await place.before_writing(1)
    assert "nobody sees who wrote what" in shown
    assert "admins can read all opinions once there is a statement or the question has ended" in shown


async def test_nobody_is_shown_who_wrote_or_rated_what(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    during = [await place.sees(3), await place.manages()]
    await place.rated(2, 7, 3, 7)
    managed = await place.manages()
    shown = "\n".join([*during, await place.sees(3), managed])
    # One's own opinion stands next to the statement.
    assert not any(text in place.plain(shown) for text in OPINIONS[:3])
    assert not any(text in place.plain(during[1] + managed) for text in OPINIONS)
    assert not any(told in shown for told in await people(place))
    # Drafts that were not chosen may quote members.
    assert "Draft 2:" not in await place.sees(3)


async def test_whoever_runs_it_is_told_how_many_have_answered_and_never_who(place: Place) -> None:
    await place.ask()
    everybody = {told for person in range(4) for told in (place.name(person), place.user(person))} - {"asker"}
    shown = []
    for person in (1, 2):
        before = await place.who_has_answered()
        await place.opine(person, OPINIONS[person])
        after = await place.who_has_answered()
        # Whoever is named in neither view is told of by no difference between them.
        assert [told for told in everybody if told in before] == [told for told in everybody if told in after]
        shown.append(after)
    assert "Not answered yet" not in "".join(shown)
    keys = [opinion.participant for opinion in await place.ports.contributions.opinions(place.id)]
    assert not any(key in told for key in keys for told in shown)


async def test_exports_before_and_after_a_vote_are_the_same(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    for person in (0, 1, 2):
        await place.rate(person, 6)
    before = await place.export()
    await place.rate(3, 1)
    after = await place.export()
    assert before.text == after.text
    assert after.ratings == []
    assert after.opinions == sorted(OPINIONS)


async def test_before_the_question_closes_no_opinion_is_exported(place: Place) -> None:
    await place.ask()
    for person, text in enumerate(OPINIONS):
        await place.opine(person, text)
    exported = await place.export()
    assert not any(text in exported.text for text in OPINIONS)
    assert exported.opinions == []


async def test_nothing_in_an_export_joins_an_opinion_to_a_rating_or_to_a_person(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rated(2, 7, 3, 7)
    exported = await place.export()
    assert exported.opinions == sorted(OPINIONS)
    assert exported.ratings == [2, 3, 7, 7]
    assert all(set(opinion) == {"text"} for opinion in exported.data["opinions"])
    assert all(set(rating) == {"value"} for rating in exported.data["rounds"][0]["ratings"])
    assert not any(row["opinion"] and row["rating"] for row in exported.rows)
    assert not any(row["participant"] or row["name"] for row in exported.rows)
    assert not any(told in exported.text for told in await people(place))
    assert "given_at" not in exported.text


async def people(place: Place) -> list[str]:
    """The names, the ids and the keys of everybody but whoever asked."""
    keys = [opinion.participant for opinion in await place.ports.contributions.opinions(place.id)]
    told = {told for person in (1, 2, 3) for told in (place.name(person), place.user(person))}
    return [*keys, *(told - {"asker"})]


async def test_of_two_ratings_nobody_reads_the_others(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rated(2, 7)
    for person in (0, 1, 2):
        shown = await place.sees(person)
        assert not told_of_ratings(shown)
        assert "2 ratings" in shown
    assert (await place.export()).ratings == []


async def test_three_ratings_are_shown_when_the_vote_is_over(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rated(2, 7, 3)
    assert told_of_ratings(await place.sees(3))
    assert (await place.export()).ratings == [2, 3, 7]


async def test_a_team_may_want_more_ratings_before_they_are_shown(place: Place) -> None:
    await place.team_has(fewest_ratings=4)
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rated(2, 7, 3)
    assert not told_of_ratings(await place.sees(0))
    assert (await place.export()).ratings == []
    # What was held back stays so, whatever the team wants of its next questions.
    await place.team_has(fewest_ratings=3)
    assert not told_of_ratings(await place.sees(0))
    assert (await place.export()).ratings == []


@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
async def test_nobody_watches_private_ratings_come_in(place: Place, named: bool) -> None:
    await place.ask(named=named, results_shown=ResultsShown.ALWAYS)
    await place.answered(*OPINIONS)
    assert texts.PRIVATE_RATING_NOTE in place.plain(await place.sees(0))
    for person in (0, 1, 2, 3):
        told = await place.rate(person, 6)
        assert not told_of_ratings(told)
        assert not told_of_ratings(await place.sees(0))


async def test_whoever_leaves_after_the_vote_takes_no_cover_from_their_part(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rated(2, 7, 3, 7)
    result = await place.sees(0)
    await place.forget(1)
    exported = await place.export()
    assert told_of_ratings(result)
    assert (exported.opinions, exported.ratings) == ([], [])
    assert "asked to be forgotten" in " ".join(exported.data["held_back"])
    for words in ("Mean ", "On average ", "strongly agree</th><td>"):
        assert lines_with(words, await place.sees(0)) == lines_with(words, result)


def lines_with(words: str, shown: str) -> list[str]:
    """The lines in which these words are."""
    return [line for line in shown.splitlines() if words in line]
