"""The loopback Slack's Socket Mode, with the unmodified bolt app and socket client in front."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import CannotDoError, SlackServer

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


ASK: Json = {
    "type": "modal",
    "callback_id": "ask",
    "title": plain("Ask"),
    "submit": plain("Go"),
    "blocks": [
        {
            "type": "input",
            "block_id": "question",
            "label": plain("Question"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "kind",
            "optional": True,
            "label": plain("Kind"),
            "element": {
                "type": "radio_buttons",
                "action_id": "pick",
                "options": [{"text": plain("Named"), "value": "named"}],
            },
        },
    ],
}
CARD: list[Json] = [
    {"type": "actions", "elements": [{"type": "button", "action_id": "share", "text": plain("Share")}]}
]


class Bot:
    """A small bolt app that notes what it is told."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.arrived: list[Json] = []
        self.seen: list[Json] = []
        self.answer: Json = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.app = AsyncApp(client=AsyncWebClient(token=slack.bot_token(), base_url=slack.api_url))
        self.handlers: list[AsyncSocketModeHandler] = []
        self.app.middleware(self.hold_back)
        self.app.command("/accord")(self.command)
        self.app.view("ask")(self.submitted)
        self.app.action("share")(self.clicked)
        self.app.shortcut("find")(self.shortcut)
        for name in (
            "reaction_added",
            "reaction_removed",
            "app_home_opened",
            "member_left_channel",
            "message",
        ):
            self.app.event(name)(self.told)

    async def command(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(body)
        await ack("heard")
        if body["text"] == "ask":
            await client.views_open(trigger_id=body["trigger_id"], view=ASK)

    async def submitted(self, ack: Any, body: Json) -> None:
        self.seen.append(body)
        await ack(**self.answer)

    async def clicked(self, ack: Any, body: Json, respond: Any) -> None:
        self.seen.append(body)
        await ack()
        await respond("noted", replace_original=False)

    async def shortcut(self, ack: Any, body: Json) -> None:
        self.seen.append(body)
        await ack()

    async def told(self, body: Json) -> None:
        self.seen.append(body)

    async def hold_back(self, body: Json, next: Any) -> None:
        """Bolt acknowledges an event before its listener runs; only middleware can be late."""
        self.arrived.append(body)
        await self.gate.wait()
        await next()

    def events(self) -> list[str]:
        """The ids of the events that arrived, in order."""
        return [body["event_id"] for body in self.arrived if body.get("type") == "event_callback"]

    async def connect(self) -> AsyncSocketModeHandler:
        web_client = AsyncWebClient(base_url=self.slack.api_url)
        handler = AsyncSocketModeHandler(
            self.app, self.slack.app.app_token, web_client=web_client, ping_interval=0.1
        )
        self.handlers.append(handler)
        await handler.connect_async()
        await self.slack.connected(len([h for h in self.handlers if not h.client.closed]))
        return handler


@pytest.fixture
async def bot(slack: SlackServer) -> AsyncIterator[Bot]:
    slack.team()
    small = Bot(slack)
    yield small
    for handler in small.handlers:
        await handler.close_async()


async def test_a_command_opens_a_modal_and_its_answer_is_seen_by_one(slack: SlackServer, bot: Bot) -> None:
    ann, ben = slack.user("ann"), slack.user("ben")
    room = slack.channel("general", ann, ben)
    await bot.connect()
    delivery = await ann.command("/accord ask", room)
    assert delivery.acked
    assert (await ann.sees_modal("ask")).shown.startswith("Ask")
    assert (await ann.is_told("heard")).channel is room
    assert not ben.ephemerals
    assert bot.seen[0]["channel_name"] == "general"


async def test_a_submission_carries_what_was_typed_and_closes_the_modal(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    await bot.connect()
    await ann.command("/accord ask")
    modal = await ann.sees_modal()
    await ann.submit(modal, {"question": "Why?", "kind": "Named"})
    values = bot.seen[-1]["view"]["state"]["values"]
    assert values["question"]["text"] == {"type": "plain_text_input", "value": "Why?"}
    assert values["kind"]["pick"]["selected_option"]["value"] == "named"
    assert ann.view is None


async def test_a_refused_submission_shows_errors_and_keeps_the_text(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    await bot.connect()
    await ann.command("/accord ask")
    modal = await ann.sees_modal()
    bot.answer = {"response_action": "errors", "errors": {"question": "Too short."}}
    delivery = await ann.submit(modal, {"question": "Why?"})
    assert delivery.errors == modal.errors == {"question": "Too short."}
    bot.answer = {"response_action": "update", "view": ASK | {"title": plain("Again")}}
    await ann.submit(modal)
    assert ann.view is modal
    assert modal.shown.startswith("Again")
    assert bot.seen[-1]["view"]["state"]["values"]["question"]["text"]["value"] == "Why?"


async def test_an_answer_that_slack_cannot_use_is_a_problem(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    await bot.connect()
    await ann.command("/accord ask")
    bot.answer = {"response_action": "errors", "errors": {"no such block": "x"}}
    delivery = await ann.submit(await ann.sees_modal(), {"question": "Why?"})
    assert "no such block" in delivery.problem
    slack.problems.clear()


async def test_nobody_can_do_what_slacks_client_would_not_let_them(slack: SlackServer, bot: Bot) -> None:
    ann, room = slack.user("ann"), slack.channel("general")
    await bot.connect()
    await ann.command("/accord ask")
    modal = await ann.sees_modal()
    for values in ({}, {"question": "x" * 21}, {"question": "x", "kind": "other"}, {"nothing": "x"}):
        with pytest.raises(CannotDoError):
            await ann.submit(modal, values)
    with pytest.raises(CannotDoError):
        await ann.command("/accord ask", room)
    assert len(bot.seen) == 1


async def test_a_click_knows_its_message_and_is_answered_by_its_address(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    room = slack.channel("general", ann)
    await bot.connect()
    await bot.app.client.chat_postMessage(channel=room.id, text="card", blocks=CARD)
    await ann.click(room.shown[0], "share")
    assert (await ann.is_told("noted")).seen_by == ann.id
    assert bot.seen[0]["message"]["ts"] == room.shown[0].ts
    assert room.shown[0].shown == "Share"
    await ann.message_shortcut(room.shown[0], "find")
    assert bot.seen[1]["message"]["text"] == "card"


async def test_reactions_arrive_normalised(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    room = slack.channel("general", ann)
    await bot.connect()
    message, _ = await ann.say(room, "hello")
    await ann.react(message, ":thumbsup:", skin_tone=3)
    await ann.unreact(message, "+1", skin_tone=3)
    told = [(b["event"]["type"], b["event"]["reaction"]) for b in bot.seen]
    assert told == [("reaction_added", "+1::skin-tone-3"), ("reaction_removed", "+1::skin-tone-3")]


async def test_the_app_hears_only_of_conversations_it_is_in(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    strange = slack.channel("strange", ann, with_bot=False)
    await bot.connect()
    message, _ = await ann.say(strange, "hello")
    assert await ann.react(message, "tada") is None
    assert await ann.dm("hello") is not None
    assert [body["event"]["type"] for body in bot.seen] == ["message"]


async def test_an_envelope_goes_to_exactly_one_of_several_sockets(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    await bot.connect()
    await bot.connect()
    for _ in range(4):
        await ann.open_home()
    assert sorted(len(c.received) for c in slack.socket.connections) == [2, 2]
    assert len(bot.events()) == 4


async def test_what_was_not_acknowledged_is_delivered_again(slack: SlackServer, bot: Bot) -> None:
    slack.redelivery.ack_within_s = 0.05
    ann = slack.user("ann")
    await bot.connect()
    bot.gate.clear()
    delivery = await ann.open_home()
    bot.gate.set()
    assert delivery is not None
    assert [attempt.error for attempt in delivery.attempts] == ["timeout"] * 4
    assert len(set(bot.events())) == 1
    assert len(bot.events()) == 4


async def test_a_socket_cut_under_an_event_costs_nothing(slack: SlackServer, bot: Bot) -> None:
    slack.redelivery.delays_s = (0.5, 1.0, 2.0)
    ann = slack.user("ann")
    await bot.connect()
    bot.gate.clear()
    told = asyncio.create_task(ann.open_home())
    await slack.until(bot.events)
    bot.gate.set()
    await slack.socket.cut()
    delivery = await told
    assert delivery is not None
    assert delivery.acked
    assert delivery.attempts[0].error == "disconnected"


@pytest.mark.parametrize("goodbye", ["warn", "refresh"])
async def test_a_polite_goodbye_moves_the_app_to_a_new_socket(
    slack: SlackServer, bot: Bot, goodbye: str
) -> None:
    await bot.connect()
    before = slack.socket.connections[0]
    await getattr(slack.socket, goodbye)()
    await slack.until(lambda: [c for c in slack.socket.connections if c is not before], what="a new socket")
    delivery = await slack.user("ann").open_home()
    assert delivery is not None
    assert delivery.acked


async def test_every_event_may_come_twice_and_out_of_order(slack: SlackServer, bot: Bot) -> None:
    slack.redelivery.every = slack.redelivery.out_of_order = True
    ann = slack.user("ann")
    await bot.connect()
    for _ in range(3):
        await ann.open_home()
    await slack.settled()
    one, two, three = dict.fromkeys(bot.events())
    assert bot.events() == [one, two, one, three, two, three]


async def test_without_the_app_events_are_lost_and_reactions_can_be_read(
    slack: SlackServer, bot: Bot
) -> None:
    slack.redelivery.delays_s = (0.0, 0.0, 0.0)
    ann = slack.user("ann")
    room = slack.channel("general", ann)
    message, _ = await ann.say(room, "hello")
    delivery = await ann.react(message, "tada")
    assert delivery is not None
    assert not delivery.acked
    assert {attempt.error for attempt in delivery.attempts} == {"no_connection"}
    found = await bot.app.client.reactions_get(channel=room.id, timestamp=message.ts)
    assert found["message"]["reactions"] == [{"name": "tada", "users": [ann.id], "count": 1}]


async def test_an_uninstalled_app_is_told_and_its_token_is_dead(slack: SlackServer, bot: Bot) -> None:
    told: list[str] = []

    async def gone(body: Json) -> None:
        told.append(body["event"]["type"])

    for name in ("tokens_revoked", "app_uninstalled"):
        bot.app.event(name)(gone)
    ann = slack.user("ann")
    await bot.connect()
    await slack.uninstall(slack.first_team)
    assert told == ["tokens_revoked", "app_uninstalled"]
    assert await ann.open_home() is None


async def test_who_is_pinged_is_known(slack: SlackServer, bot: Bot) -> None:
    room = slack.channel("general")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel> &lt;!here&gt;"}}
    header = {"type": "header", "text": plain("<!everyone>")}
    await bot.app.client.chat_postMessage(channel=room.id, text="x", blocks=[section, header])
    assert room.shown[0].pings == ["<!channel>"]
