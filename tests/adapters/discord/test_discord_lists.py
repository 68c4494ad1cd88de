"""Looking in Discord: lists, results, status, help, forgetting; long texts and mentions in them."""

from bot.domain.deliberation import OPINION_LIMIT, QUESTION_LIMIT, Phase
from bot.service.health import beat
from bot.wording import texts
from bot.wording.commands import DISCORD_HELP
from tests.discord_house import DiscordHouse
from tests.discord_server import Interaction, Member, Message

PINGS = "Hey @everyone and @here, <@&{role}> <@{user}>: `code` **bold** [a](https://evil.example)"


async def asked(member: Member, words: str, **options: object) -> Message:
    """What a command answers, once it does."""
    done = await member.command(words, **options)
    return await answer(member, done)


async def answer(member: Member, done: Interaction) -> Message:
    """The answer to an interaction."""
    await member.server.until(lambda: done.failed or (done.message and done.message.shown), what="an answer")
    assert not done.failed
    assert done.message is not None
    # Nobody else sees it.
    assert done.message.seen_by == member.id
    assert not done.message.pings
    return done.message


async def rated(house: DiscordHouse, people: list[Member], **options: object) -> str:
    """A question whose statement is being rated; its id."""
    d = await house.ask(people[0], quorum=len(people), **options)
    card = [message for message in house.own if "Share your opinion" in message.shown][-1]
    for number, member in enumerate(people):
        await house.opine(member, card, f"Opinion {number} @everyone")
    return (await house.until_phase(d, Phase.RATING)).id


async def test_a_list_shows_this_channels_questions_with_where_they_stand(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    other = house.discord.channel("elsewhere")
    async with house.gateway():
        told = (await asked(ann, "accord list")).shown
        assert "No question has been asked" in told
        assert "`/accord ask`" in told
        await house.ask(ann, "First?")
        await house.ask(ann, "Second?")
        done = await ann.command("accord ask", other, question="Third?")
        await house.discord.until(lambda: done.message, what="an answer")
        shown = (await asked(ann, "accord list")).shown

    assert shown.index("Second?") < shown.index("First?")
    assert "Third?" not in shown
    assert "discord.com/channels/" in shown


async def test_a_list_of_many_long_questions_fits_and_says_what_it_leaves_out(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        for number in range(12):
            await house.ask(ann, f"{number}: {PINGS} ".ljust(QUESTION_LIMIT, "*"))
        listed = await asked(ann, "accord list")

    assert "And 2 older ones." in listed.shown
    assert "@everyone" not in listed.shown


async def test_results_tell_the_statement_and_the_ratings_to_whoever_rated(any_house: DiscordHouse) -> None:
    house = any_house
    people = house.people(3)
    async with house.gateway():
        id_ = await rated(house, people)
        before = await asked(people[0], "accord results")
        await people[0].press(house.card, f"accord:rate:{id_}:6")
        await people[0].is_told("Rating saved")
        after = await asked(people[0], "accord results")
        await house.close_all_the_same(people[0])
        await house.until_phase(await house.deliberations.load(id_), Phase.SETTLED)
        closed = await asked(people[0], "accord results")

    assert "What this group may agree on" in after.shown
    assert "What this group said" in closed.shown
    assert "The ratings are shown when the vote closes" in before.shown
    assert "Draft 1" in after.shown
    assert f"Your own rating: {texts.rating_words(6)}" in after.shown


async def test_the_results_of_every_question_are_reached_by_a_menu_or_as_an_option(
    house: DiscordHouse,
) -> None:
    people = house.people(2)
    async with house.gateway():
        first = await rated(house, people, question="Should cats vote?")
        alone = await asked(people[1], "accord results")
        await house.ask(people[0], "And dogs?")
        undecided = await asked(people[1], "accord results")
        second = await rated(house, people, question="And birds?")
        which = await asked(people[1], "accord results")
        menu = which.component("Results")
        older = await answer(people[1], await people[1].choose(which, "Results", first))
        choices = await people[1].autocomplete("accord results", "question", "CATS")
        found = await asked(people[1], "accord results", question=first)

    assert which.shown.startswith(texts.WHICH_QUESTION)
    assert [each["value"] for each in menu["options"]] == [second, first]  # the newest first
    assert [choice["value"] for choice in choices] == [first]
    for told in (alone, undecided, older, found):
        assert "Should cats vote?" in told.shown


async def test_a_statement_longer_than_discord_shows_comes_whole_as_a_file(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        id_ = await rated(house, people)
        mediation = await house.mediations.mediation(id_, 1)
        assert mediation is not None
        long = "@everyone _all_ of us. " * 400
        changed = mediation.model_copy(update={"statement": long})
        await house.mediations.drop(id_, 1)
        await house.mediations.keep_mediation(id_, 1, changed)
        found = await asked(people[0], "accord results")

    assert found.attachments[0].text == long
    assert "@everyone" not in found.shown


async def test_status_names_what_is_wrong_and_what_that_prevents(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        before = await asked(ann, "accord status")
        await beat("worker", house.ports)
        house.discord.deny(house.room, "send_polls")
        after = await asked(ann, "accord status")

    assert "Start one with `accord worker`." in before.shown
    assert "every permission" in before.shown
    assert "One worker is running." in after.shown
    assert "Create Polls (to post the poll people rate with)" in after.shown


async def test_help_names_every_command(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway() as gateway:
        shown = (await asked(ann, "accord help")).shown
        commands = {command.name for command in gateway.routes.accord.commands}

    assert commands <= {word for word, _ in DISCORD_HELP}
    assert all(f"/accord {word}" in shown for word in commands)


async def test_how_this_works_says_without_a_question_until_when_things_are_kept(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        how = await answer(ann, await ann.press(await asked(ann, "accord help"), "How this works"))

    assert "until 90 days after the question ends" in how.shown
    assert texts.POSTED_STAYS in how.shown
    assert "In this question" not in how.shown


async def test_who_asks_to_be_forgotten_is_looked_up_anew(house: DiscordHouse) -> None:
    people = house.people(2)
    room = house.discord.channel("inner", only=tuple(people))
    team, ben = str(people[1].guild.id), str(people[1].id)
    async with house.gateway() as gateway:
        known = gateway.parts.people
        assert await known.sees(team, str(room.id), ben)
        people[1].leave()
        # What was looked up lately is not asked for again, until it is forgotten.
        assert await known.sees(team, str(room.id), ben)
        people[1].join()
        sure = await asked(people[1], "accord forget-me")
        await answer(people[1], await people[1].press(sure, "Delete everything of mine"))
        people[1].leave()
        assert not await known.sees(team, str(room.id), ben)


async def test_a_direct_message_leaves_nobodys_name_in_memory(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        await house.parts.platform.write(str(ann.guild.id), str(ann.id), "Hello")
        client = await house.parts.rest.client()

    assert [message.shown for message in ann.dms] == ["Hello"]
    assert not client.private_channels
    assert client.get_user(ann.id) is None


async def test_mentions_in_questions_and_opinions_notify_nobody(house: DiscordHouse) -> None:
    people = house.people(2)
    role = house.discord.role("everybody", mentionable=True)
    words = PINGS.format(role=role.id, user=people[1].id)
    async with house.gateway():
        d = await house.ask(people[0], words, background=words, quorum=2)
        for member in people:
            given = await house.opine(member, house.card, words.ljust(OPINION_LIMIT, "!"))
            assert given.message is not None
            assert not given.message.pings
        await house.until_phase(d, Phase.RATING)
        await asked(people[0], "accord results")
        await asked(people[0], "accord list")

    every = list(house.discord.state.messages())
    assert every
    assert not any(message.pings for message in every)
    ours = [message for message in every if message.author is house.discord.state.bot]
    assert not any("@everyone" in message.shown for message in ours)
    assert not house.discord.problems


async def test_a_question_is_changed_asked_again_and_reminded_of_by_command(house: DiscordHouse) -> None:
    ann, bob, cem = people = house.people(3)
    async with house.gateway():
        d = await house.ask(ann, identity="named", minimum=3)
        for member in people:
            await member.press(house.card, "How this works")
            await house.discord.until(lambda m=member: m.ephemerals, what="an answer")
        old = (await bob.press(house.card, "Share your opinion")).modal
        window = (await ann.command("accord change")).modal
        assert window is not None
        told = await answer(ann, await ann.submit(window, {"question": "Ban bags?", "context": ""}))
        assert "Question changed." in told.shown
        await house.work()
        assert "Ban bags?" in house.card.shown
        refused = await answer(bob, await bob.submit(old, {"opinion": "Yes."}))
        assert "has changed since you opened it" in refused.shown
        assert "Yes." in refused.shown
        await house.opine(bob, house.card, "Yes.")
        assert "has answered already" in (await asked(ann, "accord change")).shown
        who = (await asked(ann, "accord who")).shown
        assert "Answered: member1" in who
        assert "once every 6 hours" in (await asked(ann, "accord remind")).shown
        await house.work()
        await house.discord.until(lambda: cem.dms, what="a reminder")
        assert not bob.dms
        again = (await ann.command("accord again")).modal
        assert again is not None
        await answer(ann, await ann.submit(again, {"question": "Ban bottles?"}))
    newest, first = await house.deliberations.of_team(d.team)
    assert (newest.question, first.question) == ("Ban bottles?", "Ban bags?")
    assert newest.terms == first.terms
