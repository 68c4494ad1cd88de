"""HTTP mode: signatures, and many workspaces that install the app and take it off."""

import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from adapters.memory import ManualClock, MemoryNotes
from adapters.slack.app import SlackGateway
from adapters.slack.errors import NotInstalledError
from adapters.slack.installations import Installations, States
from bot.domain.deliberation import Phase
from bot.domain.errors import PlatformError, StoreError
from bot.wording.cards import QuestionCard
from tests.slack_house import SlackHouse, card, install, make_house

FORM = "application/x-www-form-urlencoded"

# The SDK itself sends the client's secret in that way.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_forged_stale_unsigned_and_tampered_requests_are_refused(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway("http"):
        d = await house.ask(ann, room)
        http = house.slack.http
        real = next(s for s in reversed(http.sent) if "view_submission" in s.body)
        event = {"type": "event_callback", "team_id": ann.team.id, "event": {"type": "app_home_opened"}}

        refused = [
            await http.forged(event),
            await http.stale(event),
            await http.unsigned(event),
            await http.tampered(real, "plastics", "poison"),
        ]

    assert [answer.status for answer in refused] == [401] * 4
    assert [each.id for each in await house.deliberations.of_team(ann.team.id)] == [d.id]


async def test_a_replayed_request_is_refused_at_every_gateway_and_changes_nothing(
    house: SlackHouse,
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway("http"):
        d = await house.ask(ann, room)
        await house.opine(ann, card(room), "First")
        first = next(s for s in reversed(house.slack.http.sent) if "view_submission" in s.body)
        await house.opine(ann, card(room), "Second")
        assert (await house.slack.http.send(first)).status == 401
        # Headers are not signed: one that says that Slack tries again makes no difference.
        first.headers["X-Slack-Retry-Num"] = "1"
    async with house.gateway("http"):
        first.url = house.slack.http.request_url
        assert (await house.slack.http.send(first)).status == 401

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Second"]


async def test_a_request_that_failed_may_come_again_as_it_is(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(2)
    room = house.slack.channel("general", *people)
    async with house.gateway("http"):
        d = await house.ask(people[0], room, quorum="2", identity="named")
        for member in people:
            await house.opine(member, card(room), f"Opinion of {member.name}")
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        monkeypatch.setattr(house.deliberations, "of_message", _away)
        house.slack.redelivery.delays_s = ()
        await people[0].react(ballot, "blush")
        monkeypatch.undo()
        assert (await house.slack.http.send(house.slack.http.sent[-1])).status == 200

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6]


async def _away(*given: object, **named: object) -> None:
    raise StoreError("The state store does not answer.")


async def test_a_store_that_is_away_refuses_no_request(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = house.slack.user("ann")
    async with house.gateway("http"):
        monkeypatch.setattr(house.notes, "first", _away)
        assert (await ann.command("/accord help")).acked
        await ann.is_told("/accord ask")


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{not json", "application/json"),
        (b'["a list"]', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{not json", "application/json; charset=no-such"),
        (b"payload=%7Bnot+json", FORM),
        (b"ssl_check=1&payload=%7Bnot+json", FORM),
    ],
    ids=["json", "list", "deep", "charset", "form", "ssl-check"],
)
async def test_a_body_that_cannot_be_read_is_refused_without_work(
    house: SlackHouse, body: bytes, content_type: str, signed: bool
) -> None:
    secret = "" if signed else "not-the-secret"
    async with house.gateway("http"):
        http = house.slack.http
        asked = http.signed(http.request_url, body.decode(), content_type, secret=secret)
        answered = await http.send(asked)

    assert answered.status == (400 if signed or b"ssl_check=1" in body else 401)


async def test_bytes_that_are_no_text_are_refused(house: SlackHouse) -> None:
    async with house.gateway("http"):
        http = house.slack.http
        asked = http.signed(http.request_url, "{}")
        assert (await http.send_raw(asked, b'{"a": "\xff"}')).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Signature": "v0=\u00e9"},
    ],
    ids=["time", "no-time", "signature"],
)
async def test_a_signature_that_cannot_be_read_is_none(house: SlackHouse, headers: dict[str, str]) -> None:
    async with house.gateway("http"):
        http = house.slack.http
        asked = http.signed(http.request_url, "{}")
        asked.headers |= headers
        assert (await http.send(asked)).status == 401


async def test_slack_can_verify_the_address_and_a_huge_body_is_refused(house: SlackHouse) -> None:
    async with house.gateway("http"):
        assert await house.slack.http.verify_url()
        http = house.slack.http
        huge = http.signed(http.request_url, json.dumps({"text": "x" * 600_000}))
        assert (await http.send(huge)).status == 413


# -- many workspaces -----------------------------------------------------------------------------


async def test_two_workspaces_install_the_app_and_see_nothing_of_each_other(many: SlackHouse) -> None:
    red, blue = many.slack.team("Red", installed=False), many.slack.team("Blue", installed=False)
    async with many.gateway("http"):
        for team in (red, blue):
            await install(many, team)
        ann, bob = many.slack.user("ann", red), many.slack.user("bob", blue)
        rooms = {team.id: many.slack.channel("general", user) for team, user in ((red, ann), (blue, bob))}
        first = await many.ask(ann, rooms[red.id], "The reds' question?")
        await many.ask(bob, rooms[blue.id], "The blues' question?")
        await bob.command("/accord list", rooms[blue.id])
        shown = await bob.is_told("blues")
        assert "reds" not in shown.shown
        # A click with the other workspace's id is answered as if there were no such question.
        message = card(rooms[blue.id])
        _block, element = message.block("share_opinion")
        element["value"] = first.id
        await bob.click(message, "share_opinion")
        view = await bob.sees_modal("notice")
        assert "no such question" in view.shown
        await bob.open_home()
        await many.slack.until(lambda: bob.home is not None)
        assert bob.home is not None
        assert "reds" not in bob.home.shown

    assert "reds" in card(rooms[red.id]).shown
    assert len(await many.deliberations.of_team(red.id)) == 1


async def test_in_a_shared_channel_members_of_the_other_company_take_part(many: SlackHouse) -> None:
    red = many.slack.team("Red", installed=False)
    other = many.slack.team("Other", installed=False, enterprise_id="EOTHER")
    async with many.gateway("http"):
        await install(many, red)
        ann, bob = many.slack.user("ann", red), many.slack.guest_from(other, "bob", red)
        room = many.slack.channel("shared", ann, bob)
        d = await many.ask(ann, room)
        await bob.click(card(room), "share_opinion")
        given = await bob.submit(await bob.sees_modal("opinion"), {"opinion": "From outside"})
        assert given.payload["team"]["id"] == other.id
        assert not given.errors
        assert bob.view is not None
        await bob.close()
        await bob.click(card(room), "share_opinion")
        await bob.click(await bob.sees_modal("opinion"), "withdraw_opinion")
        await many.slack.until(lambda: bob.view and "withdrawn" in bob.view.shown)

    assert list(await many.contributions.opinions(d.id)) == []
    assert await many.parts.installations.teams() == [red.id]


@pytest.mark.parametrize("cookie", ["", "another"])
async def test_nobody_installs_with_a_state_that_this_browser_was_not_given(
    many: SlackHouse, cookie: str
) -> None:
    red = many.slack.team("Red", installed=False)
    installer = many.slack.user("admin", red, is_admin=True)
    async with many.gateway("http"):
        ours = URL(many.slack.http.request_url)
        async with aiohttp.ClientSession() as browser:
            async with browser.get(ours.with_path("/slack/install")) as page:
                state = page.cookies["slack-app-oauth-state"].value
            browser.cookie_jar.clear()
            code = many.slack.grant(
                red, installer, redirect_uri="https://accord.example.org/slack/oauth_redirect"
            )
            back = ours.with_path("/slack/oauth_redirect").with_query(code=code, state=state)
            headers = {"Cookie": f"slack-app-oauth-state={cookie}"} if cookie else {}
            async with browser.get(back, headers=headers) as page:
                assert page.status >= 400

    assert await many.parts.installations.workspaces() == []


async def test_an_uninstalled_workspace_leaves_no_token_behind(many: SlackHouse) -> None:
    red = many.slack.team("Red", installed=False)
    async with many.gateway("http"):
        await install(many, red)
        ann = many.slack.user("ann", red)
        room = many.slack.channel("general", ann)
        d = await many.ask(ann, room)
        assert await many.parts.installations.workspaces()
        await many.slack.uninstall(red)
        await many.slack.settled()
        assert await many.parts.installations.workspaces() == []
        many.parts.clients.drop(red.id)
        with pytest.raises(PlatformError):
            await many.parts.platform.post(room.id, QuestionCard(d, 0), key="new")
        # Installed again, it goes on where it was.
        await install(many, red, "again")
        await many.parts.platform.post(room.id, QuestionCard(d, 0), key="newer")

    assert (await many.load(d)).phase is Phase.OPINIONS


async def test_a_state_of_oauth_is_good_once_and_tokens_are_sealed() -> None:
    notes = MemoryNotes()
    states = States(notes)
    state = await states.async_issue()

    assert await states.async_consume(state)
    assert not await states.async_consume(state)
    assert not await states.async_consume("made up")

    from slack_sdk.oauth.installation_store import Bot

    bot = Bot(team_id="T1", bot_token="xoxb-secret", bot_id="B1", bot_user_id="U1", installed_at=1.0)
    await Installations(notes, "the key of this house").async_save_bot(bot)
    assert "xoxb-secret" not in repr(vars(notes))
    found = await Installations(notes, "the key of this house").async_find_bot(
        enterprise_id=None, team_id="T1"
    )
    assert found is not None
    assert found.bot_token == "xoxb-secret"
    changed = Installations(notes, "a newer key", "the key of this house")
    found = await changed.async_find_bot(enterprise_id=None, team_id="T1")
    assert found is not None
    assert found.bot_token == "xoxb-secret"
    other = Installations(notes, "another key")
    assert await other.async_find_bot(enterprise_id=None, team_id="T1") is None


async def test_an_installation_lasts_for_years() -> None:
    from slack_sdk.oauth.installation_store import Bot

    clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
    store = Installations(MemoryNotes(clock), "the key of this house")
    about = {"bot_id": "B1", "bot_user_id": "U1", "installed_at": 1.0}
    await store.async_save_bot(Bot(team_id="T1", bot_token="xoxb-own", **about))
    await store.async_save_bot(
        Bot(enterprise_id="E1", is_enterprise_install=True, bot_token="xoxb-org", **about)
    )
    await store.belongs("T7", "E1")

    clock.advance(timedelta(days=2_000))

    for team, token in (("T1", "xoxb-own"), ("T7", "xoxb-org")):
        found = await store.async_find_bot(enterprise_id=None, team_id=team)
        assert found is not None
        assert found.bot_token == token


async def test_an_organisation_wide_installation_serves_its_workspaces() -> None:
    from slack_sdk.oauth.installation_store import Bot

    store = Installations(MemoryNotes(), "the key of this house")
    bot = Bot(
        enterprise_id="E1",
        is_enterprise_install=True,
        bot_token="xoxb-org",
        bot_id="B1",
        bot_user_id="U1",
        installed_at=1.0,
    )
    await store.async_save_bot(bot)

    found = await store.async_find_bot(enterprise_id="E1", team_id="T7")
    assert found is not None
    assert found.bot_token == "xoxb-org"
    assert await store.async_find_bot(enterprise_id=None, team_id="T7") is None
    await store.belongs("T7", "E1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T7") is not None
    # In a channel that it shares with another organisation a guest may be the one who acts.
    assert await store.async_find_bot(enterprise_id="E2", team_id="T7") is not None
    assert await store.async_find_bot(enterprise_id="E2", team_id="T8") is None


async def test_an_organisation_installs_the_app_and_takes_it_off_everywhere(many: SlackHouse) -> None:
    org = many.slack.team("Red", installed=False, enterprise_id="E77", is_enterprise_install=True)
    store = many.parts.installations
    async with many.gateway("http") as gateway:
        await install(many, org)
        assert [(bot.team_id, bot.enterprise_id) for bot in await store.workspaces()] == [(None, "E77")]
        ann, ben = many.slack.user("ann", org), many.slack.user("ben", org)
        room = many.slack.channel("general", ann, ben)
        d = await many.ask(ann, room, identity="named", quorum="2")
        for member in (ann, ben):
            await many.opine(member, card(room), f"Opinion of {member.name}")
        d = await many.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await ben.react(ballot, "blush")
        await many.slack.settled()
        assert [r.value for r in await many.contributions.ratings(d.id, 1)] == [6]
        assert await store.teams() == [org.id]

        # Only that the app is gone is told here: the token itself is not told of as revoked.
        many.slack.events.subscribed.discard("tokens_revoked")
        await many.slack.uninstall(org)
        await many.slack.settled()
        assert await store.workspaces() == []
        assert await store.teams() == []
        with pytest.raises(NotInstalledError):
            await gateway.parts.clients.bot(org.id)


async def test_a_workspace_that_its_organisation_takes_out_is_reached_no_longer(many: SlackHouse) -> None:
    red, blue = many.slack.team("Red", installed=False), many.slack.team("Blue", installed=False)
    store = many.parts.installations
    async with many.gateway("http"):
        await install(many, red)
        await install(many, blue)
        await store.belongs(red.id, "E1")
        assert await store.teams() == sorted([red.id, blue.id])
        told = await many.slack.leave_organisation(red)
        assert told is not None
        assert told.acked
        await many.slack.settled()

        assert await store.teams() == [blue.id]
        many.parts.clients.drop(red.id)
        with pytest.raises(PlatformError):
            await many.parts.clients.bot(red.id)
        assert (await many.parts.clients.bot(blue.id)).team == blue.id


async def test_a_file_is_read_from_slack_only_and_only_up_to_a_limit(house: SlackHouse) -> None:
    async def give(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {house.config.bot_token}"
        return web.Response(body=b"\xff" if request.path == "/bad" else b"question\nWhy?")

    team = house.slack.first_team.id
    app = web.Application()
    app.router.add_get("/{name}", give)
    async with TestServer(app) as server:
        download = house.parts.clients.download
        assert await download(team, str(server.make_url("/good")), 100) == "question\nWhy?"
        with pytest.raises(PlatformError, match="too large"):
            await download(team, str(server.make_url("/good")), 5)
        with pytest.raises(PlatformError, match="UTF-8"):
            await download(team, str(server.make_url("/bad")), 100)
    with pytest.raises(PlatformError, match="Slack doesn't store"):
        await house.parts.clients.download(team, "https://evil.example/x.csv", 100)


async def test_a_token_that_is_refused_takes_no_newer_installation_along(many: SlackHouse) -> None:
    red = many.slack.team("Red", installed=False)
    async with many.gateway("http"):
        await install(many, red)
        clients, store = many.parts.clients, many.parts.installations
        refused = await clients.bot(red.id)
        kept = await store.async_find_bot(enterprise_id=None, team_id=red.id)
        assert kept is not None
        kept.bot_token = "xoxb-newer"
        await store.async_save_bot(kept)

        await clients.forget(red.id, refused)
        newer = await clients.bot(red.id)
        assert newer.token == "xoxb-newer"
        await clients.forget(red.id, newer)
        assert await store.workspaces() == []


async def test_without_a_signing_secret_no_two_gateways_take_the_same_signature() -> None:
    async with make_house(signing_secret="") as house:
        taken = {SlackGateway(house.parts, house.ports).app._signing_secret for _ in range(3)}

    assert len(taken) == 3
    assert all(len(secret) >= 32 for secret in taken)
