"""The loopback Slack's Web API, asked by the unmodified AsyncWebClient."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer

SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Hello*"}}]
MODAL: dict[str, Any] = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": SECTION}


def client_of(slack: SlackServer, token: str = "") -> AsyncWebClient:
    return AsyncWebClient(token=token or slack.bot_token(), base_url=slack.api_url)


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as refusal:
        await call
    answer: dict[str, Any] = refusal.value.response.data
    return answer


async def test_a_message_comes_back_as_it_was_posted(slack: SlackServer) -> None:
    client, room = client_of(slack), slack.channel("general")
    metadata = {"event_type": "card", "event_payload": {"id": "d1"}}
    posted = await client.chat_postMessage(channel=room.id, text="Hi", blocks=SECTION, metadata=metadata)
    found = (await client.conversations_history(channel=room.id, include_all_metadata=True))["messages"]
    assert [m["ts"] for m in found] == [posted["ts"]]
    assert found[0]["metadata"] == metadata
    assert found[0]["blocks"][0]["text"]["text"] == "*Hello*"
    assert "metadata" not in (await client.conversations_history(channel=room.id))["messages"][0]


async def test_an_update_keeps_blocks_and_metadata_that_it_does_not_name(slack: SlackServer) -> None:
    client, room = client_of(slack), slack.channel("general")
    metadata = {"event_type": "card", "event_payload": {"id": "d1"}}
    posted = await client.chat_postMessage(channel=room.id, text="Hi", blocks=SECTION, metadata=metadata)
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Bye")
    assert room.shown[0].shown == "*Hello*"
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Bye", blocks=[])
    assert room.shown[0].shown == "Bye"
    assert room.shown[0].metadata == metadata


async def test_replies_stay_out_of_the_channel_and_are_found_in_the_thread(slack: SlackServer) -> None:
    client, room = client_of(slack), slack.channel("general")
    first = await client.chat_postMessage(channel=room.id, text="Q")
    await client.chat_postMessage(channel=room.id, text="A", thread_ts=first["ts"])
    assert len((await client.conversations_history(channel=room.id))["messages"]) == 1
    thread = (await client.conversations_replies(channel=room.id, ts=first["ts"]))["messages"]
    assert [m["text"] for m in thread] == ["Q", "A"]
    assert thread[0]["reply_count"] == 1


async def test_every_refusal_has_slacks_name(slack: SlackServer) -> None:
    ann = slack.user("ann")
    room, strange = slack.channel("general", ann), slack.channel("strange", ann, with_bot=False)
    hidden = slack.channel("hidden", ann, kind="private", with_bot=False)
    old = slack.channel("old", ann)
    await slack.archive(old, ann)
    client = client_of(slack)
    foreign = slack.channel("foreign", team=slack.team("Elsewhere"))
    said, _ = await ann.say(room, "mine")
    cases = {
        "channel_not_found": [hidden.id, foreign.id, "C0"],
        "not_in_channel": [strange.id],
        "is_archived": [old.id],
    }
    for error, channels in cases.items():
        for channel in channels:
            assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == error
    post, where = client.chat_postMessage, {"channel": room.id}
    with pytest.warns(UserWarning, match="text"):
        assert (await refused(post(**where, text=" ")))["error"] == "no_text"
    assert (await refused(post(**where, text="x" * 40_001)))["error"] == "msg_too_long"
    assert (await refused(client.chat_update(**where, ts="1.0", text="x")))["error"] == "message_not_found"
    assert (await refused(client.chat_update(**where, ts=said.ts, text="x")))[
        "error"
    ] == "cant_update_message"
    other = slack.user("other")
    private = client.chat_postEphemeral(**where, user=other.id, text="x")
    assert (await refused(private))["error"] == "user_not_in_channel"
    assert (await refused(client.users_info(user="U0")))["error"] == "user_not_found"


async def test_blocks_that_break_a_limit_are_refused_with_where_and_why(slack: SlackServer) -> None:
    room = slack.channel("general")
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refused(client_of(slack).chat_postMessage(channel=room.id, text="x", blocks=long))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_tokens_are_looked_at(slack: SlackServer) -> None:
    slack.team()
    assert (await refused(client_of(slack, "xoxb-nobody").auth_test()))["error"] == "invalid_auth"
    client = client_of(slack)
    await client.auth_revoke()
    assert (await refused(client.auth_test()))["error"] == "token_revoked"
    socket = client_of(slack).apps_connections_open(app_token="xapp-wrong")
    assert (await refused(socket))["error"] == "invalid_auth"


async def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    room, token = slack.channel("general"), slack.new_token(slack.first_team, {"chat:write"})
    answer = await refused(
        client_of(slack, token.value).reactions_add(channel=room.id, name="tada", timestamp="1")
    )
    assert (answer["error"], answer["needed"]) == ("missing_scope", "reactions:write")
    assert answer["provided"] == "chat:write"


async def test_one_channel_too_fast_is_limited_and_another_is_not(slack: SlackServer) -> None:
    slack.limits.post_burst = 1
    client, one, two = client_of(slack), slack.channel("one"), slack.channel("two")
    await client.chat_postMessage(channel=one.id, text="1")
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel=one.id, text="2")
    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=two.id, text="1")


async def test_the_sdks_own_retry_understands_the_429(slack: SlackServer) -> None:
    client, room = client_of(slack), slack.channel("general")
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.faults.limit("chat.postMessage", retry_after_s=0, channel=room.id)
    await client.chat_postMessage(channel=room.id, text="x")
    assert [call.status for call in slack.calls("chat.postMessage")] == [429, 200]


async def test_reactions_are_listed_and_counted(slack: SlackServer) -> None:
    slack.redelivery.delays_s = ()  # nobody listens for events here
    people = [slack.user(f"u{at}") for at in range(30)]
    client, room = client_of(slack), slack.channel("general", *people)
    posted = await client.chat_postMessage(channel=room.id, text="x")
    message, place = room.shown[0], {"channel": room.id, "timestamp": posted["ts"]}
    await client.reactions_add(**place, name="thumbsup")
    for person in people:
        await person.react(message, "+1")
    assert (await refused(client.reactions_add(**place, name="+1")))["error"] == "already_reacted"
    shown = (await client.reactions_get(**place))["message"]["reactions"][0]
    assert (shown["name"], shown["count"]) == ("+1", 31)
    assert len(shown["users"]) < 31
    whole = (await client.reactions_get(**place, full=True))["message"]["reactions"][0]
    assert len(whole["users"]) == 31
    await client.reactions_remove(**place, name="+1")
    assert (await refused(client.reactions_remove(**place, name="+1")))["error"] == "no_reaction"


async def test_lists_come_in_pages(slack: SlackServer) -> None:
    people = [slack.user(f"u{at}") for at in range(5)]
    client, room = client_of(slack), slack.channel("general", *people)
    found: list[str] = []
    async for page in await client.conversations_members(channel=room.id, limit=2):
        found += page["members"]
    assert found == room.members


async def test_a_trigger_opens_one_modal_within_its_lifetime(slack: SlackServer) -> None:
    ann, client = slack.user("ann"), client_of(slack)
    opened = await client.views_open(trigger_id=slack.state.new_trigger(ann.team, ann.id), view=MODAL)
    used = next(iter(slack.state.triggers))
    again = client.views_open(trigger_id=used, view=MODAL)
    assert (await refused(again))["error"] == "exchanged_trigger_id"
    slack.state.trigger_lifetime_s = -1
    late = client.views_open(trigger_id=slack.state.new_trigger(ann.team, ann.id), view=MODAL)
    assert (await refused(late))["error"] == "expired_trigger_id"
    assert ann.view is not None
    assert ann.view.id == opened["view"]["id"]
    stale = client.views_update(view_id=ann.view.id, hash="another", view=MODAL)
    assert (await refused(stale))["error"] == "hash_conflict"


async def test_a_stack_holds_three_modals(slack: SlackServer) -> None:
    ann, client = slack.user("ann"), client_of(slack)
    await client.views_open(trigger_id=slack.state.new_trigger(ann.team, ann.id), view=MODAL)
    for _ in range(2):
        await client.views_push(trigger_id=slack.state.new_trigger(ann.team, ann.id, ann.view), view=MODAL)
    push = client.views_push(trigger_id=slack.state.new_trigger(ann.team, ann.id, ann.view), view=MODAL)
    assert (await refused(push))["error"] == "push_limit_reached"
    await ann.close()
    assert len(ann.views) == 2
    assert ann.views[1].previous_id == ann.views[0].id


async def test_a_workspace_sees_nothing_of_another(slack: SlackServer) -> None:
    one, two = slack.team("One"), slack.team("Two")
    ann, room = slack.user("ann", two), slack.channel("general", team=two)
    client = client_of(slack, slack.bot_token(one))
    trigger = slack.state.new_trigger(two, ann.id)
    assert (await refused(client.conversations_info(channel=room.id)))["error"] == "channel_not_found"
    assert (await refused(client.users_info(user=ann.id)))["error"] == "user_not_found"
    assert (await refused(client.views_open(trigger_id=trigger, view=MODAL)))["error"] == "invalid_trigger_id"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")  # slack-sdk with aiohttp 3.14
async def test_a_code_is_good_for_one_token(slack: SlackServer) -> None:
    team = slack.team(installed=False)
    code = slack.grant(team, slack.user("admin", team, is_admin=True))
    secrets = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}
    client = AsyncWebClient(base_url=slack.api_url)
    granted = await client.oauth_v2_access(**secrets, code=code)
    assert granted["team"]["id"] == team.id
    assert (await client.auth_test(token=granted["access_token"]))["team_id"] == team.id
    assert (await refused(client.oauth_v2_access(**secrets, code=code)))["error"] == "code_already_used"
    wrong = client.oauth_v2_access(client_id=slack.app.client_id, client_secret="no", code=code)
    assert (await refused(wrong))["error"] == "bad_client_secret"


async def test_what_is_remembered_outlives_an_outage(slack: SlackServer) -> None:
    client, room = client_of(slack), slack.channel("general")
    await client.chat_postMessage(channel=room.id, text="before")
    await slack.stop()
    with pytest.raises(OSError):
        await client.chat_postMessage(channel=room.id, text="meanwhile")
    await slack.start()
    history = await client.conversations_history(channel=room.id)
    assert [m["text"] for m in history["messages"]] == ["before"]


async def test_many_may_call_at_once(slack: SlackServer) -> None:
    client, rooms = client_of(slack), [slack.channel(f"room-{at}") for at in range(40)]
    await asyncio.gather(*(client.chat_postMessage(channel=room.id, text="x") for room in rooms))
    stamps = {room.shown[0].ts for room in rooms}
    assert len(stamps) == 40
