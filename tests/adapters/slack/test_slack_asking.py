"""Where a question comes from in Slack, and that its words stay as people wrote them."""

import pytest

from adapters.slack.incoming_text import readable
from bot.domain.deliberation import Phase
from bot.domain.library import Template
from bot.domain.terms import Terms
from tests.slack_house import SlackHouse

PLAIN = "Is a<b & c>d, <maybe> or <@ home>?"


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<@U12AB>", "@Ann & Ben"),
        ("<@U99>", "somebody"),
        ("<@U12AB|ann>", "@ann"),
        ("<#C12AB>", "#general"),
        ("<#C12AB|>", "#general"),
        ("<#C99>", "a channel"),
        ("<#C99|random>", "#random"),
        ("<!here> <!channel|channel> <!everyone|@everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@board> and <!subteam^S2>", "@board and a group"),
        ("<!date^1796040000^{date_short}|30 Nov>", "30 Nov"),
        ("<!date^1796040000^{date_short} at {time}>", "30 November 2026, 12:00 UTC"),
        ("<!date^soon^{date}>", ""),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<https://x.example|the plan>", "the plan (https://x.example)"),
        ("<http://x.example|x.example>", "http://x.example"),
        ("<mailto:a@x.example|a@x.example> <tel:+49|call us>", "a@x.example call us (+49)"),
        ("Is a&lt;b &amp; c&gt;d, &lt;maybe&gt; or &lt;@ home&gt;?", PLAIN),
        (PLAIN, PLAIN),
        ("&amp;copy; &copy; &amp;amp;", "&copy; &copy; &amp;"),
        ("<!important> <#5> <>", "<!important> <#5> <>"),
    ],
)
def test_slack_s_markup_is_read_as_people_saw_it(marked: str, plain: str) -> None:
    assert readable(marked, {"U12AB": "Ann & Ben", "C12AB": "general", "U99": "", "C99": ""}) == plain


async def test_a_message_s_mentions_channels_and_links_are_words_in_the_question(house: SlackHouse) -> None:
    ann, ben = house.slack.user("ann"), house.slack.user("Ben <3")
    room = house.slack.channel("general", ann, ben)
    hers = house.slack.channel("her-own", ann, kind="private")
    other = house.slack.channel("hidden", ben, kind="private")
    async with house.gateway():
        first, _ = await ann.say(room, f"<@{ben.id}> said so in <#{other.id}>, see <https://x.example|this>.")
        asked, _ = await ann.say(
            room, f"Do <@{ben.id}> &amp; <#{room.id}> and <#{hers.id}> agree?", thread=first
        )
        await ben.say(room, "Let <!subteam^S1> decide.", thread=first)
        await ann.message_shortcut(asked, "find_common_ground")
        await ann.submit(await ann.sees_modal("ask"))
        await house.work()

    d = (await house.deliberations.of_team(ann.team.id))[0]
    assert d.question == "Do @Ben <3 & #general and #her-own agree?"
    # What is asked is not repeated as background.
    assert d.context == ("@Ben <3 said so in a channel, see this (https://x.example).\n\nLet a group decide.")


async def test_the_first_message_of_a_thread_has_its_answers_as_background(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        first, _ = await ann.say(room, "Shall we meet less?")
        first.thread_ts = first.ts
        await ann.say(room, "Please.", thread=first)
        await ann.message_shortcut(first, "find_common_ground")
        await ann.submit(await ann.sees_modal("ask"))
        await house.work()

    d = (await house.deliberations.of_team(ann.team.id))[0]
    assert (d.question, d.context) == ("Shall we meet less?", "Please.")


async def test_angle_brackets_stay_in_commands_windows_and_templates(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    template = Template(name="T", question=PLAIN, context=PLAIN, terms=Terms())
    await house.ports.library.put_template(boss.team.id, template)
    async with house.gateway():
        for question in (PLAIN, PLAIN.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")):
            d = await house.ask(boss, room, question)
            assert d.question == PLAIN
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        assert boss.home is not None
        await boss.click(boss.home, "ask_from_template")
        await boss.submit(await boss.sees_modal("ask"), {"channel": room.id})
        await house.work()

    d = (await house.deliberations.of_team(boss.team.id))[0]
    assert (d.question, d.context) == (PLAIN, PLAIN)


# -- a question behind /accord -------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "What should we eat?",
        "Should we meet less",
        "Close the office on Fridays?",
        "Settings for everybody?",
        "お昼は 何に しますか？",
    ],
)
async def test_a_question_without_ask_opens_the_window_with_it(house: SlackHouse, words: str) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command(f"/accord {words}", room)
        await ann.submit(await ann.sees_modal("ask"))
        await house.work()

    (d,) = await house.deliberations.of_team(ann.team.id)
    assert d.question == words


@pytest.mark.parametrize("words", ["dance", "extned tomorrow at 5pm", "reslts", "no idea"])
async def test_a_word_that_is_not_known_is_no_question(house: SlackHouse, words: str) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command(f"/accord {words}", room)
        await ann.is_told("I don't know")

    assert not ann.views


async def test_what_reads_like_a_question_closes_none(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room, minimum_opinions="2")
        await ann.command("/accord cancel culture: is it real?", room)
        await ann.sees_modal("ask")

    assert (await house.load(d)).phase is Phase.OPINIONS
