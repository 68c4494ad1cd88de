"""What members rate on in Slack: three points, a team's own emoji, and how well the statement is put."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import Scale
from bot.domain.team import Team
from bot.service import reconciling
from bot.service.dispatch import dispatch
from bot.wording import texts
from bot.wording.emoji import written
from tests.adapters.slack.test_slack_settings import settings
from tests.slack_house import SlackHouse, card
from tests.slack_server import Channel, Message, User

PARROT = {
    "party_parrot": "https://emoji.example/parrot.gif",
    "parrot": "alias:party_parrot",
    "ok": "alias:+1",
}
CIRCLES = ["red_circle", "large_yellow_circle", "large_green_circle"]


async def until_rating(
    house: SlackHouse, room: Channel, people: list[User], **values: Any
) -> tuple[Deliberation, Message]:
    """A question whose statement is there, with the message on which it is rated."""
    d = await house.ask(people[0], room, quorum=str(len(people)), **values)
    for number, member in enumerate(people):
        await house.opine(member, card(room), f"Opinion {number}")
    await house.settled()
    d = await house.until_phase(d, Phase.RATING)
    message = room.message(d.ballot.message) if d.ballot else card(room)
    assert message is not None
    return d, message


async def settled(house: SlackHouse, d: Deliberation, asker: User, room: Channel) -> str:
    """What the card says when the vote is closed, however few have rated."""
    await house.settled()
    assert (await dispatch(CloseRating(Actor(d.team, asker.id), d.id), house.ports)).ok
    await house.until_phase(d, Phase.SETTLED)
    await house.work()
    return card(room).shown


@pytest.mark.parametrize(
    ("scale", "typed", "put_up", "reactions", "values", "line"),
    [
        (
            "three",
            None,
            ["-1", "shrug", "+1"],
            ["thumbsdown", "man-shrugging", "+1"],
            [2, 4, 6],
            "6 ████████ 1 Agree",
        ),
        (
            "own",
            "🔴 :large_yellow_circle: 🟢",
            CIRCLES,
            CIRCLES,
            [2, 4, 6],
            "🟢 agree",
        ),
        (
            "own",
            ":-1: :parrot: :muscle:",
            ["-1", "party_parrot", "muscle"],
            ["+1", "parrot", "muscle"],
            [4, 6],
            "💪 agree",
        ),
        (
            "own",
            "0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣",
            ["zero", "one", "two", "three", "four", "five", "six"],
            ["zero", "six", "seven"],
            [1, 7],
            "6️⃣ strongly agree",
        ),
    ],
    ids=["three", "own circles", "own of the workspace", "own seven"],
)
async def test_the_bot_puts_up_the_chosen_scale_and_only_its_reactions_count(
    house: SlackHouse,
    scale: str,
    typed: str | None,
    put_up: list[str],
    reactions: list[str],
    values: list[int],
    line: str,
) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    people[0].team.emoji = dict(PARROT)
    async with house.gateway():
        chosen = {"scale": scale} | ({"emoji": typed} if typed else {})
        d, ballot = await until_rating(house, room, people, identity="named", **chosen)
        assert list(ballot.reactions) == put_up
        for member, reaction in zip(people, reactions, strict=False):
            await member.react(ballot, reaction, skin_tone=4 if reaction == "muscle" else None)
        await house.settled()
        assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == values
        told = await settled(house, d, people[0], room)
    assert line in told
    assert f"{len(values)} ratings" in told
    assert not house.slack.problems


async def test_reactions_with_own_emoji_that_were_missed_are_counted_afterwards(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing else is under way that could be younger than what is looked at.
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(4)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d, ballot = await until_rating(house, room, people, identity="named", scale="own", emoji="🔴🤷🟢")
        await people[0].react(ballot, "large_green_circle")
        await house.settled()
    await people[0].unreact(ballot, "large_green_circle")
    await people[1].react(ballot, "woman-shrugging", skin_tone=2)
    await people[2].react(ballot, "red_circle")
    await people[3].react(ballot, "+1")  # of the usual scale, not of this one
    async with house.gateway() as gateway:
        await gateway.reconcile()

    assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == [2, 4]


async def test_an_export_has_own_emoji_s_ratings_as_agreement_from_one_to_seven(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d, ballot = await until_rating(
            house,
            room,
            [ann, ben],
            identity="named",
            scale="own",
            emoji="🔴🟡🟢",
            ask_quality=["yes"],
        )
        await ann.react(ballot, "large_green_circle")
        await ben.react(ballot, "red_circle")
        await house.settled()
        await ben.click(ballot, f"quality:{d.id}", "7")
        await ben.is_told("excellent")
        await ann.command("/accord export", room)
        await house.slack.until(lambda: len(house.slack.uploads) == 2 and ann.dms, what="the files")
    data, table = (upload.content or b"" for upload in house.slack.uploads.values())
    (round_,) = json.loads(data)["rounds"]
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))

    # Everybody sees reactions; what was said of the quality nobody else sees.
    assert {r["value"] for r in round_["ratings"]} == {2, 6}
    assert {(row["rating"], row["quality"]) for row in rows} == {("2", ""), ("6", "")}


async def test_private_buttons_and_their_answers_have_the_own_emoji(house: SlackHouse) -> None:
    people = house.people(2)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        _, message = await until_rating(house, room, people, scale="own", emoji="🔴🟡🟢")
        assert "🟢 Agree" in message.shown
        assert "Strongly" not in message.shown
        await people[1].click(message, "rate:2")
        await people[1].is_told("🔴 Disagree.")


async def test_a_team_s_own_scale_is_set_by_an_admin_and_is_what_questions_start_from(
    house: SlackHouse,
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    boss.team.emoji = dict(PARROT)
    async with house.gateway():
        view = await settings(boss)
        for text, sentence in {
            ":nothing: 🟡 🟢": "“:nothing:” isn't a standard emoji or one of this workspace's own.",
            "<:blob:12345678901234567> 🟡 🟢": "emoji of a Discord server, which cannot be shown here",
            "👍 👎 :ok:": "👍 is there twice",
            "🔴 🟢": "Write three or seven emoji",
            "": "Write three or seven emoji",
        }.items():
            wrong = await boss.submit(view, {"scale": "own", "emoji": text})
            assert set(wrong.errors) == {"emoji"}
            assert sentence in wrong.errors["emoji"]
        wrong = await boss.submit(view, {"scale": "seven", "emoji": "🔴 🟡 🟢"})
        assert "choose “Your own emoji”" in wrong.errors["emoji"]
        assert not (await boss.submit(view, {"scale": "own", "emoji": "🔴 🟡 :parrot:"})).errors
        await boss.close()
        again = await settings(boss)
        assert not (await boss.submit(again)).errors
        await boss.close()
        room = house.slack.channel("general", boss)
        usual = await house.ask(boss, room)
        other = await house.ask(boss, room, "Another?", scale="seven")
        await boss.open_home()
        await house.slack.until(lambda: boss.home and "🔴 🟡 :party_parrot:" in boss.home.shown)

    assert written((await house.teams.team(boss.team.id)).defaults.emoji) == "🔴 🟡 :party_parrot:"
    assert len(await house.teams.settings_changes(boss.team.id)) == 1
    assert [level.name for level in usual.terms.levels] == [
        "red_circle",
        "large_yellow_circle",
        "party_parrot",
    ]
    assert other.terms.levels == Scale.SEVEN.levels


async def test_without_the_permission_only_standard_emoji_can_be_used_and_it_is_said_why(
    house: SlackHouse,
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    boss.team.emoji = dict(PARROT)
    for token in house.slack.state.tokens.values():
        token.scopes.discard("emoji:read")
    async with house.gateway():
        view = await settings(boss)
        wrong = await boss.submit(view, {"scale": "own", "emoji": ":party_parrot: 🟡 🟢"})
        assert "the app needs the permission emoji:read" in wrong.errors["emoji"]
        assert not (await boss.submit(view, {"scale": "own", "emoji": ":red_circle: 🟡 🟢"})).errors


async def test_an_emoji_that_is_gone_is_told_to_the_asker_and_the_vote_goes_on(house: SlackHouse) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    people[0].team.emoji = dict(PARROT)
    async with house.gateway():
        d = await house.ask(
            people[0], room, quorum="3", identity="named", scale="own", emoji="🔴 :party_parrot: 🟢"
        )
        people[0].team.emoji.clear()
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await house.slack.until(lambda: len(ballot.reactions) == 2, what="the others")
        await people[0].is_told(":party_parrot: (neutral)")
        await people[1].react(ballot, "large_green_circle")
        await house.settled()

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6]


# -- quality and position ------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["anonymous", "named"])
async def test_quality_is_asked_for_privately_beside_the_agreement(house: SlackHouse, identity: str) -> None:
    house.slack.redelivery.every = True
    house.slack.redelivery.interactions_too = True
    ann, ben, cleo = people = house.people(3)
    room = house.slack.channel("general", *people)

    async def rate(member: User, value: int, name: str) -> None:
        if identity == "named":
            await member.react(message, name)
        else:
            await member.click(message, f"rate:{value}")
            await member.is_told("Rating saved")
        await house.settled()

    async with house.gateway():
        d, message = await until_rating(house, room, people, identity=identity, ask_quality=["yes"])
        assert d.terms.ask_quality
        quality = f"quality:{d.id}"
        await cleo.click(message, quality, "7")
        await cleo.is_told(texts.QUALITY_NEEDS_RATING)
        await rate(ann, 6, "blush")
        await rate(ben, 1, "rage")
        await ann.click(message, quality, "2")
        await ann.is_told("Saved: bad.")
        await ann.click(message, quality, "7")
        await ann.is_told("Saved: excellent.")
        await rate(ann, 7, "heart_eyes")
        await house.settled()
        found = {(r.value, r.quality) for r in await house.contributions.ratings(d.id, 1)}
        shown = await settled(house, d, ann, room)
        assert found == {(7, 7), (1, None)}
        assert "2 ratings" in shown
        assert quality not in str(message.blocks)
    assert not house.slack.problems


async def test_quality_is_not_asked_for_unless_somebody_wants_it(house: SlackHouse) -> None:
    people = house.people(2)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d, message = await until_rating(house, room, people)
        assert texts.QUALITY_LABEL not in message.shown
        assert not d.terms.ask_quality
        assert d.terms.position_statement is None


async def test_a_position_statement_is_asked_in_the_window_and_rated_before_the_opinion(
    house: SlackHouse,
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        asked = "Plastics <!channel> should be banned."
        d = await house.ask(ann, room, identity="named", position_statement=asked)
        await ben.click(card(room), "share_opinion")
        view = await ben.sees_modal("opinion")
        assert "Plastics &lt;!channel&gt; should be banned." in str(view.given)
        assert (await ben.submit(view, {"baseline": "6", "opinion": " \u200b "})).errors
        assert await house.contributions.baselines(d.id) == []
        assert not (await ben.submit(view, {"baseline": "2", "opinion": "No."})).errors

    assert [b.value for b in await house.contributions.baselines(d.id)] == [2]


@pytest.mark.parametrize("shown_again", [False, True])
async def test_what_was_ticked_and_written_stays_when_settings_are_folded_and_shown(
    house: SlackHouse, shown_again: bool
) -> None:
    (ann,) = house.people(1)
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask Why?", room)
        view = await ann.sees_modal("ask")
        await ann.click(view, "more_settings")
        await house.slack.until(lambda: "'quorum'" in str(view.given["blocks"]))
        ann.fill(view, {"ask_quality": ["yes"], "position_statement": "Because.", "quorum": "4"})
        await ann.click(view, "fewer_settings")
        await house.slack.until(lambda: "'quorum'" not in str(view.given["blocks"]))
        if shown_again:
            await ann.click(view, "more_settings")
            await house.slack.until(lambda: "'quorum'" in str(view.given["blocks"]))
            assert "Because." in str(view.given["blocks"])
            ann.fill(view, {"scale": "own", "emoji": "🔴🟡🟢"})
            await ann.click(view, "fewer_settings")
            await house.slack.until(lambda: "'quorum'" not in str(view.given["blocks"]))
        assert not (await ann.submit(view)).errors
        await house.work()

    (d,) = await house.deliberations.of_team(ann.team.id)
    assert (d.terms.ask_quality, d.terms.position_statement, d.terms.quorum) == (True, "Because.", 4)
    assert written(d.terms.emoji) == ("🔴 🟡 🟢" if shown_again else "")


# -- one's own settings --------------------------------------------------------------------------


async def test_a_member_decides_about_learning_and_reminders(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    await house.teams.save_team(Team(id=ann.team.id, keep_feedback=True))
    member = house.ports.pseudonyms.of_member(ann.team.id, ben.id)

    async def reminded() -> bool:
        return list(await house.teams.wants_reminders(ann.team.id, [member])) == [True]

    async def consents() -> list[bool]:
        return [opinion.consent for opinion in await house.contributions.opinions(d.id)]

    async with house.gateway():
        d = await house.ask(ann, room)
        await ben.click(card(room), "share_opinion")
        await ben.sees_modal("opinion")
        await ben.submit(values={"opinion": "Before.", "learn": ["yes"]})
        await ben.close()
        await ben.command("/accord settings", room)
        assert not (await ben.submit(await ben.sees_modal("mine"), {"my_settings": []})).errors
        assert texts.LEARNING_OFF not in ben.views[-1].shown
        assert (await reminded(), await consents()) == (False, [True])
        await ben.close()
        await ben.command("/accord settings", room)
        view = await ben.sees_modal("mine")
        assert "initial_options" not in str(view.given)
        await ben.submit(view, {"my_settings": ["remind", "unlearn"]})
        assert texts.LEARNING_OFF not in ben.views[-1].shown
        assert (await reminded(), await consents()) == (True, [True])
        await ben.click(ben.views[-1], "stop_learning")
        await house.slack.until(lambda: texts.LEARNING_OFF in ben.views[-1].shown, what="an answer")
        assert await consents() == [False]
        await ben.close()
        await ben.open_home()
        await house.slack.until(lambda: ben.home is not None)
        assert ben.home is not None
        await ben.click(ben.home, "my_settings")
        blocks = (await ben.sees_modal("mine")).given["blocks"]
        ticked = next(block["element"]["initial_options"] for block in blocks if block["type"] == "input")
        assert [each["value"] for each in ticked] == ["remind"]


async def test_an_admin_reaches_their_own_settings_over_the_team_s(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    async with house.gateway():
        view = await settings(boss)
        await boss.click(view, "my_settings")
        mine = await boss.sees_modal("mine")
        assert not (await boss.submit(mine, {"my_settings": ["remind"]})).errors

    assert await house.teams.settings_changes(boss.team.id) == []


async def test_a_member_s_settings_that_cannot_be_kept_are_told(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.domain.errors import StoreError

    (ann,) = house.people(1)
    room = house.slack.channel("general", ann)

    async def away(*given: object, **more: object) -> None:
        raise StoreError("It does not answer.")

    async with house.gateway():
        await ann.command("/accord settings", room)
        view = await ann.sees_modal("mine")
        monkeypatch.setattr(house.teams, "set_reminders", away)
        await ann.submit(view, {"my_settings": []})
        assert "cannot reach its database" in ann.views[-1].shown
