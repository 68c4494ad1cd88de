"""The loopback Slack's signed HTTP requests, with the unmodified bolt app behind an aiohttp server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer

Json = dict[str, Any]


class Bot:
    """A bolt app at a request URL, that notes what it is told and may be slow."""

    def __init__(self, slack: SlackServer) -> None:
        self.seen: list[Json] = []
        self.retries: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        client = AsyncWebClient(token=slack.bot_token(), base_url=slack.api_url)
        self.app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
        self.app.command("/accord")(self.command)
        self.app.event("app_home_opened")(self.told)

    async def command(self, ack: Any, body: Json) -> None:
        self.seen.append(body)
        await ack(text="heard", response_type="in_channel")

    async def told(self, ack: Any, body: Json) -> None:
        self.seen.append(body)
        await ack()

    async def serve(self, request: web.Request) -> web.Response:
        self.retries.append(request.headers.get("X-Slack-Retry-Num", ""))
        await self.gate.wait()
        return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))


@pytest.fixture
async def bot(slack: SlackServer) -> AsyncIterator[Bot]:
    slack.team()
    small, site = Bot(slack), web.Application()
    site.router.add_post("/slack/events", small.serve)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield small
    small.gate.set()
    await runner.cleanup()


async def test_the_request_url_is_verified(slack: SlackServer, bot: Bot) -> None:
    assert await slack.http.verify_url()


async def test_commands_and_events_arrive_signed(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    room = slack.channel("general", ann)
    command = await ann.command("/accord list", room)
    event = await ann.open_home()
    assert command.response["text"] == "heard"
    assert room.shown[0].text == "heard"
    assert event is not None
    assert event.acked
    assert [body.get("command", body.get("type")) for body in bot.seen] == ["/accord", "event_callback"]


async def test_forged_stale_unsigned_and_tampered_requests_are_refused(slack: SlackServer, bot: Bot) -> None:
    ann = slack.user("ann")
    await ann.open_home()
    genuine = slack.http.sent[0]
    payload = bot.seen[0]
    for answered in (
        await slack.http.forged(payload),
        await slack.http.stale(payload),
        await slack.http.unsigned(payload),
        await slack.http.tampered(genuine, ann.id, "U0SOMEBODY"),
    ):
        assert answered.status == 401
    assert len(bot.seen) == 1
    assert (await slack.http.send(genuine)).status == 200  # a replay within five minutes: bolt cannot tell
    assert bot.seen[1]["event_id"] == bot.seen[0]["event_id"]


async def test_an_event_without_a_2xx_is_sent_again_three_times(slack: SlackServer, bot: Bot) -> None:
    slack.redelivery.ack_within_s, slack.redelivery.delays_s = 0.1, (0.0, 0.0, 0.0)
    bot.gate.clear()
    delivery = await slack.user("ann").open_home()
    assert delivery is not None
    assert not delivery.acked
    assert {attempt.error for attempt in delivery.attempts} == {"http_timeout"}
    assert bot.retries == ["", "1", "2", "3"]


async def test_an_app_that_is_down_loses_the_event(slack: SlackServer) -> None:
    slack.team()
    slack.use_http("http://127.0.0.1:9/slack/events")
    slack.redelivery.delays_s = (0.0,)
    delivery = await slack.user("ann").open_home()
    assert delivery is not None
    assert [attempt.error for attempt in delivery.attempts] == ["connection_failed"] * 2
