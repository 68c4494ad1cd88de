"""Named: names are shown where it was said that they would be, and nowhere else."""

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
